using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>Which weights are stored with four bits; the others keep eight.</summary>
internal static class BlockRules
{
    /// <summary>Weights below this many: what four bits would save on them is less than their nodes take or no more than some hundred bytes, and the first layers and depthwise convolutions, which are small, cost most accuracy.</summary>
    private const int FewestWeights = 4096;

    /// <summary>Why a weight keeps eight bits; null where it does not.</summary>
    public static string? WhyBytes(LayerWeight weight, BlockLayout layout) =>
        layout.Depth < layout.Size ? $"the {layout.Depth} weights of '{weight.Name}' that are summed fill no block of {layout.Size}"
        : weight.Tensor.ElementCount() < FewestWeights ? $"4 bits would save little on the {weight.Tensor.ElementCount()} weights of '{weight.Name}'"
        : null;
}
