using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression.Pruning;

/// <summary>Removes whole residual blocks and transformer layers.</summary>
internal static class LayerRemoval
{
    public static PruningReport Apply(OnnxModel model, double sparsity, PruningContext context) => throw new NotImplementedException();
}
