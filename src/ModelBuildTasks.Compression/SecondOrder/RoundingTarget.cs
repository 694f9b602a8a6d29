using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>A weight, and the values that its elements may have. The weight's tensor is gone once its model is.</summary>
/// <param name="Weight">The weight.</param>
internal abstract record RoundingTarget(LayerWeight Weight)
{
    /// <summary>The values that the matrix of a group may have.</summary>
    /// <param name="inputs">How a layer multiplies the weight.</param>
    /// <param name="group">The group.</param>
    public abstract IRoundingGrid Grid(LayerInputs inputs, int group);

    /// <summary>What layers compute with.</summary>
    /// <param name="weight">The float weight, in a model that is there.</param>
    /// <param name="levels">What is stored, in the weight's order.</param>
    public abstract IEnumerable<RestoredPart> Restored(LayerWeight weight, sbyte[] levels);

    /// <summary>Whether the values lie along a layer's outputs.</summary>
    public abstract bool Fits(LayerInputs inputs);
}
