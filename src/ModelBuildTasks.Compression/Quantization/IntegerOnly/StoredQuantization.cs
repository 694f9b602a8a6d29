using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Quantization.IntegerOnly;

/// <summary>A scale and a zero point that are constants of a graph.</summary>
internal static class StoredQuantization
{
    /// <param name="graph">The graph.</param>
    /// <param name="scale">The name of a scalar FLOAT.</param>
    /// <param name="zeroPoint">The name of a scalar UINT8 or INT8.</param>
    public static PortQuantization Of(OnnxGraph graph, string scale, string zeroPoint)
    {
        var zero = graph.Constant(zeroPoint)!;
        return new PortQuantization(graph.Constant(scale)!.Singles()[0], zero.ElementType() == DataType.Int8 ? MemoryMarshal.Cast<byte, sbyte>(zero.Bytes())[0] : zero.Bytes()[0]);
    }
}
