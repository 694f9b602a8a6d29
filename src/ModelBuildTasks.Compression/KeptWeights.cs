using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;

namespace ModelBuildTasks.Compression;

/// <summary>The pass of a request that asks for no other storage of weights: pruning alone.</summary>
internal sealed class KeptWeights : ICompressionPass
{
    /// <inheritdoc/>
    public string Name => "kept";

    /// <inheritdoc/>
    public PassResult Apply(OnnxModel model, PassContext context) => new([], []);
}
