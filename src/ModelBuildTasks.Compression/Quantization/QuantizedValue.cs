using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>Bytes of a graph with the names of their scale and zero point.</summary>
/// <param name="Bytes">The bytes.</param>
/// <param name="Scale">A constant: a scalar, or one for each channel of a weight.</param>
/// <param name="ZeroPoint">A constant of the bytes' type and the scale's shape.</param>
internal readonly record struct QuantizedValue(string Bytes, string Scale, string ZeroPoint)
{
    /// <summary>What a QuantizeLinear gives.</summary>
    public static QuantizedValue Of(NodeProto quantize) => new(quantize.Output[0], quantize.Input[1], quantize.Input[2]);

    /// <summary>What a DequantizeLinear takes.</summary>
    public static QuantizedValue Behind(NodeProto dequantize) => new(dequantize.Input[0], dequantize.Input[1], dequantize.Input[2]);

    /// <summary>The numbers of an activation's scalars.</summary>
    public PortQuantization Quantization(OnnxGraph graph)
    {
        var zero = graph.Constant(ZeroPoint)!;
        return new PortQuantization(graph.Constant(Scale)!.Singles()[0], zero.ElementType() == DataType.Int8 ? MemoryMarshal.Cast<byte, sbyte>(zero.Bytes())[0] : zero.Bytes()[0]);
    }
}
