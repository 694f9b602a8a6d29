namespace ModelBuildTasks.Compression.Onnx;

/// <summary>What is known of the shapes of a graph's values: what the file says, the ranks that calibration saw where it says nothing, and ranks that follow from these.</summary>
internal sealed class ValueShapes
{
    private static readonly HashSet<string> RankKeepers =
    [
        "Abs", "AveragePool", "BatchNormalization", "Cast", "Celu", "Clip", "DepthToSpace", "Dropout", "Elu", "Erf", "Exp", "Gelu", "GlobalAveragePool", "GlobalMaxPool",
        "HardSigmoid", "HardSwish", "Identity", "InstanceNormalization", "LayerNormalization", "LeakyRelu", "Log", "LogSoftmax", "MaxPool", "Mish", "Neg", "Pad", "PRelu", "Relu",
        "Selu", "Sigmoid", "Slice", "Softmax", "Softplus", "Softsign", "SpaceToDepth", "Split", "Sqrt", "Tanh",
    ];

    private static readonly HashSet<string> ShapeKeepers = ["Abs", "Cast", "Clip", "Elu", "Erf", "Exp", "Gelu", "HardSigmoid", "HardSwish", "Identity", "LayerNormalization", "LeakyRelu", "Relu", "Sigmoid", "Softmax", "Tanh"];

    private const int MostSteps = 16;

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

    /// <summary>One dimension of a value, counted from the last one, which is 1; null where it is not known.</summary>
    public long? Dimension(string value, int fromEnd)
    {
        // Through what keeps it, up to a layer that tells.
        for (var steps = 0; steps < MostSteps; steps++)
        {
            if (Shape(value) is { } shape && fromEnd <= shape.Length)
            {
                return shape[^fromEnd] >= 0 ? shape[^fromEnd] : null;
            }

            if (graph.Producer(value) is not { } node || !node.IsStandard() || node.Input.Count == 0)
            {
                return null;
            }

            if (graph.Constant(node.InputOrEmpty(1)) is { } weight && node.OpType is "Conv" or "MatMul" or "Gemm" or "BatchNormalization")
            {
                var isChannel = node.OpType is "Conv" ? fromEnd == weight.Dims.Count - 1 : node.OpType is "BatchNormalization" ? fromEnd == Rank(value) - 1 : fromEnd == 1;
                return isChannel ? node.OpType == "Conv" || node.OpType == "BatchNormalization" || node.Int64("transB", 0) != 0 ? weight.Dims[0] : weight.Dims[^1] : null;
            }

            if (!ShapeKeepers.Contains(node.OpType))
            {
                return null;
            }

            value = node.Input[0];
        }

        return null;
    }

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
            "Transpose" => node.Attribute("perm")?.Ints.Count ?? Input(0),
            "Squeeze" => Input(0) - Axes(node),
            "Unsqueeze" => Input(0) + Axes(node),
            "Concat" => node.Input.Select(Rank).FirstOrDefault(rank => rank is not null),
            "Reshape" => Length(node.InputOrEmpty(1)),
            _ => RankKeepers.Contains(node.OpType) ? Input(0) : null,
        };
    }

    // Squeeze without axes takes away what happens to be 1.
    private int? Axes(NodeProto node) => node.Attribute("axes")?.Ints.Count ?? (int?)graph.Constant(node.InputOrEmpty(1))?.ElementCount();

    /// <summary>How many dimensions a shape that is computed has: one of each part where it is put together from known parts.</summary>
    private int? Length(string shape) => graph.Constant(shape) is { } constant ? (int)constant.ElementCount()
        : Shape(shape) is [>= 0 and var length] ? (int)length
        : graph.Producer(shape) is { } node && node.IsStandard("Concat") ? node.Input.Select(Part).Aggregate((int?)0, (sum, part) => sum + part)
        : null;

    private int? Part(string value) => graph.Constant(value) is { } constant ? (int)constant.ElementCount()
        : graph.Producer(value) is { } node && node.IsStandard("Unsqueeze") ? Rank(node.Input[0]) == 0 ? 1 : null
        : null;
}
