using ModelBuildTasks.Compression.Kernels;
using static Benchmarks.Kernels.BenchmarkData;

namespace Benchmarks.Kernels;

/// <summary>Every kernel once.</summary>
internal static class KernelRuns
{
    /// <summary>What the others are measured against.</summary>
    public static KernelRun Copy { get; } = new("copy", sizeof(float), null, (start, length) => Normal.AsSpan(start, length).CopyTo(Floats.AsSpan(start)));

    public static IReadOnlyList<KernelRun> All { get; } = [.. Ranges(), .. Quantization(), .. Statistics()];

    private static KernelRun[] Ranges()
    {
        var maxima = new float[Channels];
        return
        [
            new("MinMax", sizeof(float), 1, (start, length) => MinMax.Of(Normal.AsSpan(start, length))),
            new("AbsoluteMaximum", sizeof(float), null, (start, length) => AbsoluteMaximum.Of(Normal.AsSpan(start, length))),
            new("AbsoluteMaximum, first axis", sizeof(float), null, (start, length) => AbsoluteMaximum.PerChannel(Normal.AsSpan(start, length), 1, Channels, length / Channels, maxima)),
            new("AbsoluteMaximum, last axis", sizeof(float), null, (start, length) => AbsoluteMaximum.PerChannel(Normal.AsSpan(start, length), length / Channels, Channels, 1, maxima)),
        ];
    }

    private static KernelRun[] Quantization()
    {
        var scales = Enumerable.Repeat(0.03f, Channels).ToArray();
        return
        [
            new("QuantizeLinear", sizeof(float), 1, (start, length) =>
                QuantizeLinear.ToInt8(Normal.AsSpan(start, length), Bytes.AsSpan(start, length), 0.03f, 3, -128, 127)),
            new("QuantizeLinear, first axis", sizeof(float), 1, (start, length) =>
                QuantizeLinear.PerChannel(Normal.AsSpan(start, length), Bytes.AsSpan(start, length), 1, Channels, length / Channels, scales)),
            new("QuantizeLinear, last axis", sizeof(float), 1, (start, length) =>
                QuantizeLinear.PerChannel(Normal.AsSpan(start, length), Bytes.AsSpan(start, length), length / Channels, Channels, 1, scales)),
            new("DequantizeLinear (writes four times as much)", sizeof(sbyte), null, (start, length) =>
                DequantizeLinear.FromInt8(Bytes.AsSpan(start, length), Floats.AsSpan(start, length), 0.03f, 3)),
        ];
    }

    private static KernelRun[] Statistics()
    {
        var counts = new long[Bins];
        var sums = new double[Channels];
        return
        [
            new("Histogram, normal", sizeof(float), 0.6, (start, length) => Histogram.Add(Normal.AsSpan(start, length), -4, 4, counts)),
            new("Histogram, after Relu", sizeof(float), 0.6, (start, length) => Histogram.Add(Rectified.AsSpan(start, length), 0, 4, counts)),
            new("ErrorEnergy", 2 * sizeof(float), null, (start, length) => ErrorEnergy.Accumulate(Normal.AsSpan(start, length), Rectified.AsSpan(start, length))),
            new("RoundingErrors", sizeof(float), null, (start, length) => RoundingErrors.Of(Normal.AsSpan(start, length), 0.03f, 127)),
            new("ChannelSums, first axis", sizeof(float), null, (start, length) => ChannelSums.Add(Normal.AsSpan(start, length), 1, Channels, length / Channels, sums)),
            new("ChannelSums, last axis", sizeof(float), null, (start, length) => ChannelSums.Add(Normal.AsSpan(start, length), length / Channels, Channels, 1, sums)),
            new("DotProducts", 2 * sizeof(float), null, (start, length) => DotProducts.Of(Normal.AsSpan(start, length), Rectified.AsSpan(start, length))),
            new("ZeroCount", sizeof(float), null, (start, length) => ZeroCount.Of(Rectified.AsSpan(start, length))),
        ];
    }
}
