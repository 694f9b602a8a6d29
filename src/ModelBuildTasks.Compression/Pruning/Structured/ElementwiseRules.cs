using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Pruning.Structured;

/// <summary>What lies along the axes of results that are computed element by element, or channel by channel (docs/Operators.md of ONNX).</summary>
internal static class ElementwiseRules
{
    private static readonly HashSet<string> OfOne =
    [
        "Abs", "Acos", "Asin", "Atan", "Cast", "Ceil", "Celu", "Clip", "Cos", "Cosh", "Dropout", "Elu", "Erf", "Exp", "FastGelu", "Floor", "Gelu", "HardSigmoid", "HardSwish", "Identity", "IsNaN", "LeakyRelu", "Log",
        "Mish", "Neg", "Not", "QuickGelu", "Reciprocal", "Relu", "Round", "Selu", "Shrink", "Sigmoid", "Sign", "Sin", "Sinh", "Softplus", "Softsign", "Sqrt", "Swish", "Tan", "Tanh", "ThresholdedRelu",
    ];

    private static readonly HashSet<string> OfSeveral = ["Add", "And", "Div", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Max", "Mean", "Min", "Mod", "Mul", "Or", "Pow", "PRelu", "Sub", "Sum", "Where", "Xor"];

    private static readonly HashSet<string> OfChannels = ["BatchNormalization", "InstanceNormalization"];

    private static readonly HashSet<string> OfPlanes = ["AveragePool", "GlobalAveragePool", "GlobalLpPool", "GlobalMaxPool", "LpPool", "MaxPool"];

    /// <summary>Applies the rule of a node's operator; false where it has none here.</summary>
    public static bool TryApply(NodeProto node, ChannelGraph graph)
    {
        if (OfOne.Contains(node.OpType))
        {
            Pass(node, graph);
        }
        else if (OfSeveral.Contains(node.OpType))
        {
            Broadcast(node, graph);
        }
        else if (OfChannels.Contains(node.OpType))
        {
            Pass(node, graph);
            foreach (var parameter in node.Input.Skip(1))
            {
                graph.Join(graph.Axis(node.Input[0], 1), graph.Axis(parameter, 0), $"the parameters of {node.OpType} '{node.Name}' are not constant");
            }
        }
        else if (OfPlanes.Contains(node.OpType))
        {
            PassPlanes(node, graph);
        }
        else
        {
            return false;
        }

        return true;
    }

    /// <summary>Lets what lies along the first two axes of an image pass, and keeps what lies along others.</summary>
    public static void PassPlanes(NodeProto node, ChannelGraph graph)
    {
        for (var axis = 0; axis < graph.Dimensions(node.Input[0])!.Length; axis++)
        {
            var positions = graph.Axis(node.Input[0], axis);
            if (axis >= 2)
            {
                graph.Classes.Keep(positions ?? [], $"{node.OpType} '{node.Name}' joins neighbours along their axis");
                continue;
            }

            foreach (var output in node.Output.Where(output => output.Length > 0))
            {
                graph.SetAxis(output, axis, positions);
            }
        }
    }

    private static void Pass(NodeProto node, ChannelGraph graph)
    {
        foreach (var output in node.Output.Where(output => output.Length > 0 && graph.Dimensions(output)?.Length == graph.Dimensions(node.Input[0])!.Length))
        {
            for (var axis = 0; axis < graph.Dimensions(output)!.Length; axis++)
            {
                graph.SetAxis(output, axis, graph.Axis(node.Input[0], axis));
            }
        }
    }

    private static void Broadcast(NodeProto node, ChannelGraph graph)
    {
        var output = node.Output[0];
        var dims = graph.Dimensions(output)!;
        for (var axis = 0; axis < dims.Length; axis++)
        {
            if (dims[axis] < 2)
            {
                continue;
            }

            graph.SetAxis(output, axis, Joined(node.Input.Where(input => input.Length > 0), node, graph, axis - dims.Length, dims[axis]));
        }
    }

    /// <summary>Joins the values that have an axis in common, counted from the end; those with one position alone are repeated along it.</summary>
    public static int[]? Joined(IEnumerable<string> values, NodeProto node, ChannelGraph graph, int fromEnd, long length)
    {
        int[]? joined = null;
        var isFirst = true;
        foreach (var value in values)
        {
            var own = graph.Dimensions(value)!;
            if (own.Length + fromEnd < 0 || own[own.Length + fromEnd] != length)
            {
                continue;
            }

            var positions = graph.Axis(value, own.Length + fromEnd);
            if (isFirst)
            {
                (joined, isFirst) = (positions, false);
                continue;
            }

            graph.Join(joined, positions, $"{node.OpType} '{node.Name}' joins them with a value that keeps its size");
            joined ??= positions;
        }

        return joined;
    }
}
