using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression.Pruning;

/// <summary>Sets single weights to zero.</summary>
internal static class UnstructuredPruning
{
    public static PruningReport Apply(OnnxModel model, PruningOptions options, PruningContext context) => throw new NotImplementedException();
}
