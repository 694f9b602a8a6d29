using System.Buffers.Binary;
using System.Globalization;
using Google.Protobuf;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>
/// How one activation is stored in 16 bits: q = saturate(round_half_even(x / scale) + zero point) (ONNX operator QuantizeLinear). Unsigned values have a zero point; signed ones are symmetric, as the processors that want them
/// (DSPs, NPUs) multiply.
/// </summary>
/// <param name="Scale">Positive and finite.</param>
/// <param name="ZeroPoint">The stored value of zero: 0 to 65535, and 0 where values are signed.</param>
/// <param name="IsSigned">Whether values are −32768 to 32767.</param>
internal readonly record struct Int16Parameters(float Scale, int ZeroPoint, bool IsSigned)
{
    /// <summary>The parameters that just hold a range, widened to hold zero. Computed in double precision. A range without width (all zeros) gets scale 1 and zero point 0.</summary>
    public static Int16Parameters FromRange(ValueRange range, bool isSigned)
    {
        var minimum = Math.Min(range.Minimum, 0.0);
        var maximum = Math.Max(range.Maximum, 0.0);
        var scale = isSigned ? Math.Max(-minimum, maximum) / short.MaxValue : (maximum - minimum) / ushort.MaxValue;
        return (float)scale < ScaleRange.Smallest
            ? new(1, 0, isSigned)
            : new((float)scale, isSigned ? 0 : (int)Math.Clamp(Math.Round(-minimum / scale), ushort.MinValue, ushort.MaxValue), isSigned);
    }

    /// <summary>The zero point as a scalar.</summary>
    public TensorProto ZeroPointTensor()
    {
        var bytes = new byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)ZeroPoint);
        return TensorValues.Create(string.Create(CultureInfo.InvariantCulture, $"z_{ZeroPoint}"), IsSigned ? DataType.Int16 : DataType.Uint16, ByteString.CopyFrom(bytes));
    }
}
