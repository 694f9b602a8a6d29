using ModelBuildTasks.Compression.Kernels;
using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Evaluation;

/// <summary>How many weights of a model are zero.</summary>
internal static class WeightSparsity
{
    /// <summary>
    /// The share of zeros, between 0 and 1, among the weights of a graph: float and int8 constants of two or more dimensions, as initializers or as Constant nodes. An int8 weight is symmetric, so
    /// its 0 is the weight 0; scales, zero points and biases have fewer dimensions.
    /// </summary>
    public static double Of(GraphProto graph)
    {
        long zeros = 0, count = 0;
        foreach (var tensor in Constants(graph).Where(tensor => tensor.Dims.Count >= 2))
        {
            switch ((DataType)tensor.DataType)
            {
                case DataType.Float:
                    zeros += ZeroCount.Of(tensor.Singles());
                    count += tensor.ElementCount();
                    break;
                case DataType.Int8:
                    zeros += tensor.Int32Data.Count > 0 ? tensor.Int32Data.Count(value => value == 0) : tensor.RawData.Span.Count((byte)0);
                    count += tensor.ElementCount();
                    break;
            }
        }

        return count == 0 ? 0 : (double)zeros / count;
    }

    private static IEnumerable<TensorProto> Constants(GraphProto graph) => graph.Initializer.Concat(
        graph.Node.Where(node => node.OpType == "Constant").SelectMany(node => node.Attribute).Where(attribute => attribute.Name == "value" && attribute.T is not null).Select(attribute => attribute.T));
}
