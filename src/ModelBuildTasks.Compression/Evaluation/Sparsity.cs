using ModelBuildTasks.Compression.Kernels;
using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Evaluation;

/// <summary>How many weights of a model are zero.</summary>
internal static class Sparsity
{
    /// <summary>
    /// The share of zeros, between 0 and 1, among the weights of a model: float, float16 and int8 constants of two or more dimensions in its main graph, as initializers or as Constant nodes, and indices of codebooks. An int8
    /// weight is symmetric, so its 0 is the weight 0, and so is the index 0 of a codebook whose first value is 0; scales, zero points and biases have fewer dimensions.
    /// </summary>
    public static double Of(OnnxModel model)
    {
        long zeros = 0, count = 0;
        foreach (var tensor in Weights(model.Proto.Graph))
        {
            zeros += tensor.ElementType() is DataType.Float or DataType.Float16 ? Zeros(new SinglesReader(tensor)) : new BytesReader(tensor).Parts().Sum(part => (long)part.Span.Count((byte)0));
            count += tensor.ElementCount();
        }

        foreach (var codebook in IndexedWeight.Of(model.Proto.Graph))
        {
            zeros += codebook.Zeros();
            count += codebook.Count;
        }

        return count == 0 ? 0 : (double)zeros / count;
    }

    private static long Zeros(SinglesReader values) => values.Parts().Sum(part => ZeroCount.Of(values.Read(part.Start, part.Count)));

    private static IEnumerable<TensorProto> Weights(GraphProto graph) => graph.Initializer
        .Concat(graph.Node.Where(ConstantNodes.IsConstant).Select(ConstantNodes.Tensor).OfType<TensorProto>())
        .Where(tensor => tensor.Dims.Count >= 2 && tensor.ElementType() is (DataType.Float or DataType.Float16 or DataType.Int8));
}
