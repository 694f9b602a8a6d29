using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Pruning.Structured;

/// <summary>What lies along the axes of layers' weights, of what they read and of what they write (docs/Operators.md of ONNX).</summary>
internal static class LayerRules
{
    /// <summary>Applies the rule of a node's operator; false where it has none here.</summary>
    public static bool TryApply(NodeProto node, ChannelGraph graph)
    {
        switch (node.OpType)
        {
            case "Conv":
                Convolve(node, graph);
                return true;
            case "ConvTranspose" when node.Int64("group", 1) == 1:
                ConvolveBack(node, graph);
                return true;
            case "Gemm":
                Multiply(node, graph, node.Int64("transA", 0) != 0, node.Int64("transB", 0) != 0);
                return true;
            case "MatMul" when graph.Dimensions(node.Input[0])!.Length >= 2 && graph.Dimensions(node.Input[1])!.Length >= 2:
                Multiply(node, graph, false, false);
                return true;
            default:
                return false;
        }
    }

    private static void Convolve(NodeProto node, ChannelGraph graph)
    {
        var (input, weight, output) = (node.Input[0], node.Input[1], node.Output[0]);
        var (dims, results) = (graph.Dimensions(weight)!, graph.Dimensions(output)!);
        var groups = (int)node.Int64("group", 1);
        var (rows, columns, channels) = (graph.Axis(weight, 0), graph.Axis(weight, 1), graph.Axis(input, 1));
        KeepPlanes(node, graph);
        if (groups == 1)
        {
            graph.Join(channels, columns, Given(node));
        }
        else if (dims[1] == 1)
        {
            JoinDepthwise(node, graph, rows, channels, (int)(dims[0] / groups));
        }
        else
        {
            // The same places of each group go, so that groups stay of one size.
            JoinGroups(graph, rows, groups);
            JoinGroups(graph, channels, groups);
            graph.Join(channels?[..(int)dims[1]], columns, Given(node));
        }

        FinishConvolution(node, graph, rows, columns, (int)dims[0], (int)dims[1], results, dims.Skip(2));
    }

    private static void ConvolveBack(NodeProto node, ChannelGraph graph)
    {
        var (weight, output) = (node.Input[1], node.Output[0]);
        var dims = graph.Dimensions(weight)!;
        var (inputs, outputs) = (graph.Axis(weight, 0), graph.Axis(weight, 1));
        KeepPlanes(node, graph);
        graph.Join(graph.Axis(node.Input[0], 1), inputs, Given(node));
        // Each position of the input meets each tap once.
        FinishConvolution(node, graph, outputs, inputs, (int)dims[1], (int)dims[0], graph.Dimensions(node.Input[0])!, dims.Skip(2), output);
    }

    private static void FinishConvolution(NodeProto node, ChannelGraph graph, int[]? outputs, int[]? inputs, int outputCount, int inputCount, long[] positions, IEnumerable<long> kernel, string? output = null)
    {
        var bias = node.InputOrEmpty(2);
        if (bias.Length > 0)
        {
            graph.Join(outputs, graph.Axis(bias, 0), Given(node));
        }

        graph.SetAxis(output ?? node.Output[0], 0, graph.Axis(node.Input[0], 0));
        graph.SetAxis(output ?? node.Output[0], 1, outputs);
        var products = Product(positions.Where((_, axis) => axis != 1)) * Product(kernel);
        Add(node, graph, node.Input[1], outputs, inputs, outputCount, inputCount, products);
    }

    private static void Multiply(NodeProto node, ChannelGraph graph, bool turnsLeft, bool turnsRight)
    {
        var (left, right, output) = (node.Input[0], node.Input[1], node.Output[0]);
        var (leftDims, rightDims, dims) = (graph.Dimensions(left)!, graph.Dimensions(right)!, graph.Dimensions(output)!);
        var (row, inner) = turnsLeft ? (leftDims.Length - 1, leftDims.Length - 2) : (leftDims.Length - 2, leftDims.Length - 1);
        var (depth, column) = turnsRight ? (rightDims.Length - 1, rightDims.Length - 2) : (rightDims.Length - 2, rightDims.Length - 1);
        graph.Join(graph.Axis(left, inner), graph.Axis(right, depth), Given(node));
        for (var axis = 0; axis < dims.Length - 2; axis++)
        {
            graph.SetAxis(output, axis, ElementwiseRules.Joined([left, right], node, graph, axis - dims.Length, dims[axis]));
        }

        var (rows, columns) = (graph.Axis(left, row), graph.Axis(right, column));
        graph.SetAxis(output, dims.Length - 2, rows);
        graph.SetAxis(output, dims.Length - 1, columns);
        if (node.OpType == "Gemm" && node.InputOrEmpty(2) is { Length: > 0 } sum)
        {
            var own = graph.Dimensions(sum)!;
            for (var fromEnd = 1; fromEnd <= own.Length; fromEnd++)
            {
                if (own[^fromEnd] > 1)
                {
                    graph.Join(graph.Axis(output, 2 - fromEnd), graph.Axis(sum, own.Length - fromEnd), Given(node));
                }
            }
        }

        var positions = Product(dims.SkipLast(2));
        if (graph.Graph.Constant(right) is not null)
        {
            Add(node, graph, right, columns, graph.Axis(right, depth), (int)rightDims[column], (int)rightDims[depth], positions * dims[^2]);
        }
        else if (graph.Graph.Constant(left) is not null)
        {
            Add(node, graph, left, rows, graph.Axis(left, inner), (int)leftDims[row], (int)leftDims[inner], positions * dims[^1]);
        }
    }

    private static void Add(NodeProto node, ChannelGraph graph, string weight, int[]? outputs, int[]? inputs, int outputCount, int inputCount, double products)
    {
        if (graph.Graph.Constant(weight) is not null)
        {
            graph.Layers.Add(new ChannelLayer(node.Name, node.OpType, weight, node.OpType != "MatMul" && node.InputOrEmpty(2) is { Length: > 0 } bias ? bias : null, outputs, inputs, outputCount, inputCount, products));
        }
    }

    /// <summary>A channel of a depthwise convolution goes with its filters.</summary>
    private static void JoinDepthwise(NodeProto node, ChannelGraph graph, int[]? rows, int[]? channels, int filters)
    {
        if (rows is null || channels is null)
        {
            graph.Join(rows, channels, Given(node));
            return;
        }

        for (var row = 0; row < rows.Length; row++)
        {
            graph.Classes.Join(rows[row], channels[row / filters]);
        }

        graph.Counts.Add(new ChannelCount(node.Name, -1, "group", 0, channels));
    }

    private static void JoinGroups(ChannelGraph graph, int[]? positions, int groups)
    {
        for (var i = 0; i < positions?.Length; i++)
        {
            graph.Classes.Join(positions[i % (positions.Length / groups)], positions[i]);
        }
    }

    private static void KeepPlanes(NodeProto node, ChannelGraph graph)
    {
        for (var axis = 2; axis < graph.Dimensions(node.Input[0])!.Length; axis++)
        {
            graph.Classes.Keep(graph.Axis(node.Input[0], axis) ?? [], $"{node.OpType} '{node.Name}' joins neighbours along their axis");
        }
    }

    private static string Given(NodeProto node) => $"what {node.OpType} '{node.Name}' multiplies with keeps its size";

    private static double Product(IEnumerable<long> dims) => dims.Aggregate(1.0, (product, dimension) => product * dimension);
}
