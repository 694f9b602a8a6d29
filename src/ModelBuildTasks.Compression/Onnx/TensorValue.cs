namespace ModelBuildTasks.Compression.Onnx;

/// <summary>A tensor of numbers.</summary>
/// <param name="Type">The element type.</param>
/// <param name="Shape">The dimensions, batch axis included.</param>
/// <param name="Bytes">Little-endian row-major elements.</param>
internal sealed record TensorValue(TensorProto.Types.DataType Type, long[] Shape, ReadOnlyMemory<byte> Bytes) : ModelValue
{
    /// <summary>The elements of a FLOAT tensor.</summary>
    public ReadOnlySpan<float> Singles => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(Bytes.Span);
}
