using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>Which operators compute on bytes at a moment of planning, and what that makes of the values.</summary>
internal sealed class BytesState
{
    private readonly OnnxGraph graph;
    private readonly Func<NodeProto, bool> isLayer;
    private readonly IReadOnlySet<NodeProto> connectors;
    private readonly IReadOnlyDictionary<NodeProto, NodeProto> absorbed;
    private readonly Dictionary<string, NodeProto> writers;
    private readonly OrderedDictionary<NodeProto, bool> dropped = new(ReferenceEqualityComparer.Instance);

    /// <param name="graph">The graph.</param>
    /// <param name="isLayer">Whether a layer computes on bytes at the moment.</param>
    /// <param name="connectors">The operators without weights that do so at the moment.</param>
    /// <param name="absorbed">The Relu or Clip whose clipping an operator takes over while it computes on bytes.</param>
    public BytesState(OnnxGraph graph, Func<NodeProto, bool> isLayer, IReadOnlySet<NodeProto> connectors, IReadOnlyDictionary<NodeProto, NodeProto> absorbed)
    {
        (this.graph, this.isLayer, this.connectors, this.absorbed) = (graph, isLayer, connectors, absorbed);
        writers = graph.Nodes.Where(ComputesOnBytes).SelectMany(node => Outputs(node).Select(output => (output, node))).ToDictionary(pair => pair.output, pair => pair.node);
    }

    private BytesState(BytesState other) => (graph, isLayer, connectors, absorbed, writers) = (other.graph, other.isLayer, other.connectors, other.absorbed, other.writers);

    /// <summary>The nodes that an imagined state (<see cref="Without"/>) has computing in float, the one it was asked for first.</summary>
    public IReadOnlyList<NodeProto> Dropped => dropped.Keys;

    /// <summary>This state without a node, and without the connectors that then have an input in float or nobody to read their bytes.</summary>
    public BytesState Without(NodeProto node)
    {
        var state = new BytesState(this);
        var open = new Queue<NodeProto>([node]);
        while (open.TryDequeue(out var next))
        {
            if (!state.dropped.TryAdd(next, true))
            {
                continue;
            }

            foreach (var use in Outputs(next).SelectMany(graph.Consumers).Where(use => state.IsConnector(use.Node) && state.ReadsBytes(use)))
            {
                open.Enqueue(use.Node);
            }

            foreach (var input in Inputs(next))
            {
                if (writers.TryGetValue(input, out var writer) && state.IsConnector(writer) && !Outputs(writer).SelectMany(graph.Consumers).Any(state.ReadsBytes))
                {
                    open.Enqueue(writer);
                }
            }
        }

        return state;
    }

    /// <summary>Whether what computes a value writes it as bytes.</summary>
    public bool IsBytes(string value) => writers.TryGetValue(value, out var writer) && ComputesOnBytes(writer);

    /// <summary>Whether an input of a node is read as bytes.</summary>
    public bool ReadsBytes(NodeInput use) => use.Index == 0 && isLayer(use.Node) && !dropped.ContainsKey(use.Node)
        || use.Index >= 0 && IsConnector(use.Node) && ConnectorRules.Activations(use.Node).Contains(use.Node.Input[use.Index]);

    /// <summary>The activations that a node reads as bytes where it computes on bytes.</summary>
    public static IEnumerable<string> Inputs(NodeProto node) => node.OpType is "Conv" or "Gemm" or "MatMul" ? node.Input.Take(1) : ConnectorRules.Activations(node);

    /// <summary>The values that a node writes as bytes where it computes on bytes; a product writes floats.</summary>
    public IReadOnlyList<string> Outputs(NodeProto node) => node.OpType is "Gemm" or "MatMul" ? [] : absorbed.TryGetValue(node, out var clip) ? [clip.Output[0]] : node.Output;

    private bool IsConnector(NodeProto node) => connectors.Contains(node) && !dropped.ContainsKey(node);

    private bool ComputesOnBytes(NodeProto node) => !dropped.ContainsKey(node) && (isLayer(node) || connectors.Contains(node));
}
