using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression.Pruning;

/// <summary>Takes out of a model what it can do without.</summary>
internal static class ModelPruning
{
    /// <summary>Prunes a simplified model in place.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">What goes, and how it is chosen.</param>
    /// <param name="context">What is known beside the model.</param>
    public static PruningReport Apply(OnnxModel model, PruningOptions options, PruningContext context) => options.Method switch
    {
        PruneMethod.Structured => StructuredPruning.Apply(model, options.Sparsity, context),
        PruneMethod.Layers => LayerRemoval.Apply(model, options.Sparsity, context),
        _ => UnstructuredPruning.Apply(model, options, context),
    };
}
