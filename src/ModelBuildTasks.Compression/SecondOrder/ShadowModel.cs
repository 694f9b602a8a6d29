using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization.Corrections;

namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>The float model, in which one layer after the other gets the weight and the bias that the compressed model will have: what a layer reads there is what it will read.</summary>
internal sealed class ShadowModel
{
    private readonly OnnxModel model;
    private readonly BiasCorrector biases;

    /// <param name="model">The model as a pass gets it; it is edited.</param>
    /// <param name="context">What the pass knows that writes the weights.</param>
    public ShadowModel(OnnxModel model, PassContext context)
    {
        this.model = model;
        Graph = model.EditGraph();
        biases = BiasCorrector.Of(Graph, context);
    }

    /// <summary>Its graph.</summary>
    public OnnxGraph Graph { get; }

    /// <summary>Lets layers compute with a rounded weight.</summary>
    public void Take(RoundedLayer layer, RoundedWeight rounded)
    {
        foreach (var reader in layer.Readers)
        {
            biases.Correct(reader, layer.Weight, rounded.Target.Restored(layer.Weight, rounded.Levels));
        }

        var restored = new float[rounded.Levels.Length];
        foreach (var part in rounded.Target.Restored(layer.Weight, rounded.Levels))
        {
            part.Values.Span.CopyTo(restored.AsSpan((int)part.Start));
        }

        Graph.ReplaceUses(layer.Weight.Name, Graph.AddInitializer(TensorValues.Create(layer.Weight.Name, restored, [.. layer.Weight.Tensor.Dims])));
        Graph.Commit();
    }

    /// <summary>Opens what computes some of its values.</summary>
    /// <param name="values">The values.</param>
    /// <param name="alone">Whether they are all that is computed.</param>
    public ModelSession Open(IReadOnlySet<string> values, bool alone) => ObservedModel.Open(model, values, alone);
}
