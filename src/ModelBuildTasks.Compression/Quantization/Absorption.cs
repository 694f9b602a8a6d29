using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>
/// A Relu or Clip behind an integer operator costs nothing when the range of its result becomes that of the operator: saturation does the clipping. The node itself goes, so
/// that no runtime has to recognize it.
/// </summary>
internal static class Absorption
{
    /// <summary>The Relu or Clip that alone reads a value, where saturation can replace it; otherwise null.</summary>
    public static NodeProto? Of(string value, OnnxGraph graph) => FloatClips.Behind(value, graph) is { } node && ClipsAroundZero(node, graph) ? node : null;

    /// <summary>Whether a node is a Relu or Clip between which lies zero. A range always holds zero: a Clip that does not would be undone there.</summary>
    public static bool ClipsAroundZero(NodeProto node, OnnxGraph graph) => Bounds(node, graph) is { Minimum: <= 0, Maximum: >= 0 };

    /// <summary>The bounds of a Relu or Clip, infinite where there is none and NaN where one is computed; null for other operators.</summary>
    public static (float Minimum, float Maximum)? Bounds(NodeProto node, OnnxGraph graph) =>
        node.IsStandard("Relu") ? (0, float.PositiveInfinity)
        : node.IsStandard("Clip") ? (Bound(node, graph, 1, "min", float.NegativeInfinity), Bound(node, graph, 2, "max", float.PositiveInfinity))
        : null;

    /// <summary>A bound of Clip: an input since version 11, an attribute before; NaN where it is computed.</summary>
    private static float Bound(NodeProto node, OnnxGraph graph, int input, string attribute, float otherwise) =>
        node.Attribute(attribute) is { } written ? written.F
        : node.InputOrEmpty(input) is not { Length: > 0 } name ? otherwise
        : graph.Constant(name) is { } bound && bound.ElementType() == TensorProto.Types.DataType.Float && bound.ElementCount() == 1 ? bound.Singles()[0]
        : float.NaN;
}
