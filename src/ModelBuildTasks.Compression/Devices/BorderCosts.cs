namespace ModelBuildTasks.Compression.Devices;

/// <summary>What lies between float and bytes, on one thread.</summary>
/// <param name="Start">Nanoseconds to start any operator, however small.</param>
/// <param name="Quantize">Nanoseconds for a thousand elements of QuantizeLinear.</param>
/// <param name="Dequantize">Nanoseconds for a thousand elements of DequantizeLinear.</param>
/// <param name="LayoutToBytes">What comes on top from a float convolution to an integer one, for a thousand elements: the float ones have their channels in blocks, the integer ones have them last.</param>
/// <param name="LayoutToFloat">The same from an integer convolution to a float one.</param>
internal sealed record BorderCosts(double Start, double Quantize, double Dequantize, double LayoutToBytes, double LayoutToFloat)
{
    public static BorderCosts None { get; } = new(0, 0, 0, 0, 0);
}
