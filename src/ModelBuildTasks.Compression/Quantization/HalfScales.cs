using Google.Protobuf;
using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>
/// Scales of weights that are restored when the model is loaded, in 16 bits (IEEE 754 binary16): in networks of few weights for each channel, such as MobileNets, scales are a twentieth of the file. The weights are rounded
/// to the scales as they are stored, so that nothing is lost but a scale's last digits.
/// </summary>
internal static class HalfScales
{
    /// <summary>With fewer channels, the Cast that widens them takes more than they save.</summary>
    private const int LeastChannels = 32;

    /// <summary>2⁻¹⁶: below it a scale would move by more than 0.2 %, as numbers of 16 bits get coarser below 2⁻¹⁴.</summary>
    private const float Smallest = 1f / 65536;

    /// <summary>The scales rounded to 16 bits; as they are where they are too few, too small or too large for that.</summary>
    public static float[] Rounded(float[] scales) => scales.Length >= LeastChannels && Array.TrueForAll(scales, scale => scale == 0 || (scale >= Smallest && scale <= (float)Half.MaxValue))
        ? Array.ConvertAll(scales, scale => (float)(Half)scale)
        : scales;

    /// <summary>Whether scales lose nothing in 16 bits, and there are enough of them.</summary>
    public static bool Fit(float[] scales) => scales.Length >= LeastChannels && Array.TrueForAll(scales, scale => (float)(Half)scale == scale);

    /// <summary>Scales as a tensor of 16 bits.</summary>
    public static TensorProto Tensor(string name, float[] scales, ReadOnlySpan<long> dims) =>
        TensorValues.Create(name, DataType.Float16, ByteString.CopyFrom(LittleEndian.Bytes<Half>(Array.ConvertAll(scales, scale => (Half)scale))), dims);
}
