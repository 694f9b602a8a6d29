using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Pruning.Structured;

/// <summary>Integers of a node, which operator sets moved from attributes to inputs.</summary>
internal static class NodeNumbers
{
    /// <summary>The integers of a constant input or, where that is omitted, of an attribute; null where there are none or they are computed.</summary>
    public static long[]? Of(NodeProto node, int input, string attribute, OnnxGraph graph) =>
        node.InputOrEmpty(input) is { Length: > 0 } name ? graph.Constant(name) is { } constant ? constant.Int64s().ToArray() : null : node.Attribute(attribute)?.Ints.ToArray();
}
