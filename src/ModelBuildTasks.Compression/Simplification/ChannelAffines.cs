using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Simplification;

/// <summary>Reads products, quotients, sums and differences with a constant, and batch normalization (docs/Operators.md of ONNX), as scales and shifts of channels.</summary>
internal static class ChannelAffines
{
    /// <summary>What a node computes of a value; null where it is no scale and shift of the value's channels, or the constant would broadcast the value.</summary>
    /// <param name="node">A node that reads the value.</param>
    /// <param name="value">The value.</param>
    /// <param name="graph">Its graph.</param>
    /// <param name="axis">Where the value's channels are.</param>
    public static ChannelAffine? Of(NodeProto node, string value, OnnxGraph graph, ChannelPlace axis)
    {
        if (!node.IsStandard() || node.Output.Count(output => output.Length > 0) != 1 || node.Output[0].Length == 0)
        {
            return null;
        }

        if (node.OpType == "BatchNormalization")
        {
            return node.Input[0] == value && axis.IsSecond ? OfBatchNormalization(node, graph, axis) : null;
        }

        if (node.Input.Count != 2 || node.Input[0] == node.Input[1])
        {
            return null;
        }

        var isFirst = node.Input[0] == value;
        if (Channels(graph.Constant(node.Input[isFirst ? 1 : 0]), axis) is not { } numbers)
        {
            return null;
        }

        return node.OpType switch
        {
            "Mul" => new(numbers, [0]),
            "Add" => new([1], numbers),
            "Div" when isFirst => new(Array.ConvertAll(numbers, number => 1 / number), [0]),
            "Sub" when isFirst => new([1], Array.ConvertAll(numbers, number => -number)),
            "Sub" => new([-1], numbers),
            _ => null,
        };
    }

    private static ChannelAffine? OfBatchNormalization(NodeProto node, OnnxGraph graph, ChannelPlace axis)
    {
        var parameters = node.Input.Skip(1).Select(input => graph.Constant(input)).ToArray();
        if (node.Int64("training_mode", 0) != 0 || node.Int64("spatial", 1) == 0 || parameters.Length != 4
            || !Array.TrueForAll(parameters, tensor => tensor?.ElementType() == DataType.Float && tensor.Dims.Count == 1 && tensor.Dims[0] == axis.Channels))
        {
            return null;
        }

        var (gamma, beta, mean, variance) = (Doubles(parameters[0]!), Doubles(parameters[1]!), Doubles(parameters[2]!), Doubles(parameters[3]!));
        double epsilon = node.Single("epsilon", 1e-5f);
        var scale = gamma.Select((each, channel) => each / Math.Sqrt(variance[channel] + epsilon)).ToArray();
        return new(scale, [.. beta.Select((each, channel) => each - (mean[channel] * scale[channel]))]);
    }

    private static double[]? Channels(TensorProto? constant, ChannelPlace axis)
    {
        if (constant?.ElementType() != DataType.Float)
        {
            return null;
        }

        var isEach = constant.ElementCount() == axis.Channels && axis.FromEnd <= constant.Dims.Count && constant.Dims[^axis.FromEnd] == axis.Channels && axis.CountIsSure;
        return constant.Dims.Count <= axis.LeastRank && (constant.ElementCount() == 1 || isEach) ? Doubles(constant) : null;
    }

    private static double[] Doubles(TensorProto tensor) => Array.ConvertAll(tensor.Singles().ToArray(), value => (double)value);
}
