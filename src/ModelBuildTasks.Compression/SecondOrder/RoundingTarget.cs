using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>A weight, and the values that its elements may have. The weight's tensor is gone once its model is.</summary>
/// <param name="Weight">The weight.</param>
internal abstract record RoundingTarget(LayerWeight Weight)
{
    /// <summary>The target with the values that suit the inputs of its layer best, where these have a say.</summary>
    /// <param name="weight">The float weight, in a model that is there.</param>
    /// <param name="importances">What errors of it do.</param>
    public virtual RoundingTarget Fitted(LayerWeight weight, InputImportances importances) => this;

    /// <summary>The values that the weights of some outputs may have.</summary>
    /// <param name="inputs">How a layer multiplies the weight.</param>
    /// <param name="first">The first output, those of all groups counted.</param>
    /// <param name="count">How many outputs, of one group.</param>
    public abstract IRoundingGrid Grid(LayerInputs inputs, int first, int count);

    /// <summary>What layers compute with.</summary>
    /// <param name="weight">The float weight, in a model that is there.</param>
    /// <param name="levels">What is stored, in the weight's order.</param>
    public abstract IEnumerable<RestoredPart> Restored(LayerWeight weight, sbyte[] levels);

    /// <summary>What the weight is stored as, in the words of the metadata.</summary>
    public abstract string Format { get; }

    /// <summary>Whether the values lie along a layer's outputs.</summary>
    public abstract bool Fits(LayerInputs inputs);
}
