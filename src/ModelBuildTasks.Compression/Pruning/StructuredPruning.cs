using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression.Pruning;

/// <summary>Removes whole channels, through everything that must keep as many.</summary>
internal static class StructuredPruning
{
    public static PruningReport Apply(OnnxModel model, double sparsity, PruningContext context) => throw new NotImplementedException();
}
