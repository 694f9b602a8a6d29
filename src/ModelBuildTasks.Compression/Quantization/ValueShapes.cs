using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>What is known of the shapes of a graph's values: what the file says, the ranks that calibration saw where it says nothing, and ranks that follow from these.</summary>
internal sealed class ValueShapes
{
    private static readonly HashSet<string> RankKeepers =
    [
        "Abs", "AveragePool", "BatchNormalization", "Cast", "Celu", "Clip", "DepthToSpace", "Dropout", "Elu", "Erf", "Exp", "Gelu", "GlobalAveragePool", "GlobalMaxPool",
        "HardSigmoid", "HardSwish", "Identity", "InstanceNormalization", "LayerNormalization", "LeakyRelu", "Log", "LogSoftmax", "MaxPool", "Mish", "Neg", "Pad", "PRelu", "Relu",
        "Selu", "Sigmoid", "Slice", "Softmax", "Softplus", "Softsign", "SpaceToDepth", "Split", "Sqrt", "Tanh", "Transpose",
    ];

    private readonly OnnxGraph graph;
    private readonly Dictionary<string, long[]> shapes = [];
    private readonly IReadOnlyDictionary<string, int> observed;
    private readonly Dictionary<string, int?> ranks = [];

    /// <param name="graph">The graph.</param>
    /// <param name="observed">Ranks of values as they were when the model ran.</param>
    public ValueShapes(OnnxGraph graph, IReadOnlyDictionary<string, int> observed)
    {
        this.graph = graph;
        this.observed = observed;
        foreach (var value in graph.Proto.ValueInfo.Concat(graph.Proto.Output).Concat(graph.Proto.Input))
        {
            if (value.Type?.TensorType?.Shape is { } shape)
            {
                shapes[value.Name] = [.. shape.Dim.Select(dimension => dimension.HasDimValue ? dimension.DimValue : -1)];
            }
        }

        // In topological order, so that no recursion is as deep as the graph.
        foreach (var node in graph.Nodes)
        {
            var rank = RankOfOutput(node);
            foreach (var output in node.Output)
            {
                ranks[output] = rank;
            }
        }
    }

    /// <summary>The number of dimensions, or null where it is not known.</summary>
    public int? Rank(string value) => shapes.TryGetValue(value, out var shape) ? shape.Length
        : graph.Constant(value) is { } constant ? constant.Dims.Count
        : observed.TryGetValue(value, out var rank) ? rank
        : ranks.GetValueOrDefault(value);

    /// <summary>The dimensions as the file tells them, -1 where one differs from run to run; null where it tells nothing.</summary>
    public long[]? Shape(string value) => shapes.GetValueOrDefault(value);

    /// <summary>Whether the file says that a dimension of the value differs from run to run.</summary>
    public bool IsDynamic(string value) => shapes.TryGetValue(value, out var shape) && shape.Contains(-1);

    private int? RankOfOutput(NodeProto node)
    {
        if (!node.IsStandard() || node.Input.Count == 0)
        {
            return null;
        }

        int? Input(int index) => Rank(node.InputOrEmpty(index));
        return node.OpType switch
        {
            "Gemm" or "Flatten" => 2,
            "Conv" or "ConvTranspose" => Input(1) ?? Input(0),
            "MatMul" => Input(0) >= 2 && Input(1) >= 2 ? Math.Max(Input(0)!.Value, Input(1)!.Value) : null,
            "Add" or "Sub" or "Mul" or "Div" or "Pow" or "Min" or "Max" => node.Input.Select(Rank).Aggregate((a, b) => a is null || b is null ? null : Math.Max(a.Value, b.Value)),
            "Gather" => Input(0) + Input(1) - 1,
            "Concat" => node.Input.Select(Rank).FirstOrDefault(rank => rank is not null),
            "Reshape" => graph.Constant(node.InputOrEmpty(1)) is { } shape ? (int)shape.ElementCount() : null,
            _ => RankKeepers.Contains(node.OpType) ? Input(0) : null,
        };
    }
}
