namespace ModelBuildTasks.Compression.Onnx;

/// <summary>Questions that every rewriting of a graph asks before it removes a value.</summary>
internal static class GraphReaders
{
    /// <summary>The one node that reads a value, as one of its own inputs; null where there are none or several, where a subgraph reads it, or where the value is an output of the graph.</summary>
    public static NodeInput? OnlyReader(this OnnxGraph graph, string value) =>
        !graph.IsGraphOutput(value) && graph.Consumers(value) is [{ Index: >= 0 } reader] ? reader : null;

    /// <summary>Whether nobody but these nodes reads a value, and it is no output of the graph.</summary>
    public static bool IsReadOnlyBy(this OnnxGraph graph, string value, params ReadOnlySpan<NodeProto> nodes)
    {
        foreach (var reader in graph.Consumers(value))
        {
            var isKnown = false;
            foreach (var node in nodes)
            {
                isKnown |= reader.Index >= 0 && ReferenceEquals(reader.Node, node);
            }

            if (!isKnown)
            {
                return false;
            }
        }

        return !graph.IsGraphOutput(value);
    }

    /// <summary>The node of the default operator set that writes a value which it alone gives to one other node; null otherwise.</summary>
    public static NodeProto? PrivateProducer(this OnnxGraph graph, string value) =>
        graph.Producer(value) is { Output.Count: 1 } node && node.IsStandard() && graph.OnlyReader(value) is not null ? node : null;

    /// <summary>The number in a FLOAT constant of one element; null where the value is anything else.</summary>
    public static float? Scalar(this OnnxGraph graph, string value) =>
        graph.Constant(value) is { } tensor && tensor.ElementType() == TensorProto.Types.DataType.Float && tensor.ElementCount() == 1 && tensor.Dims.Count <= 1 ? tensor.Singles()[0] : null;
}
