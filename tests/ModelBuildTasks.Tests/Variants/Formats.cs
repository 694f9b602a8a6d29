using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Tests.Variants;

/// <summary>What the bytes of a compressed model say of the processor it is for.</summary>
internal static class Formats
{
    public const string Unsigned = "uint8 activations";
    public const string Signed = "int8 activations";

    /// <summary>The type of the zero points of all QuantizeLinear nodes.</summary>
    public static string OfActivations(byte[] model)
    {
        var graph = ModelProto.Parser.ParseFrom(model).Graph;
        var types = graph.Node.Where(node => node.OpType == "QuantizeLinear").Select(node => (DataType)graph.Initializer.Single(tensor => tensor.Name == node.Input[2]).DataType).Distinct();
        return Assert.ContainsSingle(types) switch { DataType.Uint8 => Unsigned, DataType.Int8 => Signed, var type => type.ToString() };
    }

    /// <summary>The largest |w0| + |w1| of two weights of one sign that the matrix product adds in 16 bits: neighbours along the inputs.</summary>
    public static int LargestPair(byte[] model)
    {
        var graph = ModelProto.Parser.ParseFrom(model).Graph;
        var weight = Assert.ContainsSingle(graph.Initializer.Where(tensor => tensor.DataType == (int)DataType.Int8 && tensor.Dims.Count == 2));
        Assert.AreEqual(1, graph.Node.Single(node => node.OpType == "Gemm").Attribute.Single(attribute => attribute.Name == "transB").I, "The rows are the outputs.");
        var (outputs, inputs) = ((int)weight.Dims[0], (int)weight.Dims[1]);
        var bytes = weight.RawData.ToByteArray();
        var largest = 0;
        for (var output = 0; output < outputs; output++)
        {
            for (var input = 0; input + 1 < inputs; input += 2)
            {
                var (first, second) = ((sbyte)bytes[(output * inputs) + input], (sbyte)bytes[(output * inputs) + input + 1]);
                largest = Math.Max(largest, first > 0 == second > 0 ? Math.Abs(first) + Math.Abs(second) : 0);
            }
        }

        return largest;
    }
}
