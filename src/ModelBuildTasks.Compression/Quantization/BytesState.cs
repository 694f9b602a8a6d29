using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>Which operators compute on bytes in a plan that is thought of, and what that makes of the values.</summary>
internal sealed class BytesState
{
    private readonly OnnxGraph graph;
    private readonly IReadOnlySet<NodeProto> operators;
    private readonly IReadOnlyDictionary<NodeProto, NodeProto> absorbed;
    private readonly Dictionary<string, NodeProto> writers = [];

    /// <param name="graph">The graph.</param>
    /// <param name="operators">The operators that compute on bytes.</param>
    /// <param name="absorbed">The Relu or Clip whose clipping an operator takes over while it computes on bytes.</param>
    public BytesState(OnnxGraph graph, IReadOnlySet<NodeProto> operators, IReadOnlyDictionary<NodeProto, NodeProto> absorbed)
    {
        (this.graph, this.operators, this.absorbed) = (graph, operators, absorbed);
        foreach (var node in operators)
        {
            foreach (var output in Outputs(node))
            {
                writers[output] = node;
            }
        }
    }

    /// <summary>The operators that compute on bytes.</summary>
    public IReadOnlySet<NodeProto> Operators => operators;

    /// <summary>What would compute on bytes if these did too.</summary>
    public BytesState With(IEnumerable<NodeProto> nodes) => new(graph, operators.Concat(nodes).ToHashSet<NodeProto>(ReferenceEqualityComparer.Instance), absorbed);

    /// <summary>What would compute on bytes if these did not.</summary>
    public BytesState Without(IEnumerable<NodeProto> nodes)
    {
        var left = operators.ToHashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        left.ExceptWith(nodes);
        return new BytesState(graph, left, absorbed);
    }

    /// <summary>The operator that writes a value as bytes; null where it is written as floats.</summary>
    public NodeProto? Writer(string value) => writers.GetValueOrDefault(value);

    /// <summary>Whether what computes a value writes it as bytes.</summary>
    public bool IsBytes(string value) => writers.ContainsKey(value);

    /// <summary>Whether an input of a node is read as bytes.</summary>
    public bool ReadsBytes(NodeInput use) => use.Index >= 0 && operators.Contains(use.Node)
        && (IsProductOrConvolution(use.Node) ? use.Index == 0 : ConnectorRules.Activations(use.Node).Contains(use.Node.Input[use.Index]));

    /// <summary>The operators that read what a node writes as bytes.</summary>
    public IEnumerable<NodeProto> ByteReaders(NodeProto node) => Outputs(node).SelectMany(graph.Consumers).Where(ReadsBytes).Select(use => use.Node).Distinct<NodeProto>(ReferenceEqualityComparer.Instance);

    /// <summary>The activations that a node reads as bytes where it computes on bytes.</summary>
    public static IEnumerable<string> Inputs(NodeProto node) => IsProductOrConvolution(node) ? node.Input.Take(1) : ConnectorRules.Activations(node);

    /// <summary>The values that a node writes as bytes where it computes on bytes; a product writes floats.</summary>
    public IReadOnlyList<string> Outputs(NodeProto node) => node.OpType is "Gemm" or "MatMul" ? [] : absorbed.TryGetValue(node, out var clip) ? [clip.Output[0]] : node.Output;

    private static bool IsProductOrConvolution(NodeProto node) => node.OpType is "Conv" or "Gemm" or "MatMul";
}
