namespace Benchmarks.Kernels;

/// <summary>Arrays beyond the last-level cache: 256 MiB of floats each.</summary>
internal static class BenchmarkData
{
    public const int Length = 64 << 20;

    /// <summary>Channels of the per-channel kernels.</summary>
    public const int Channels = 256;

    /// <summary>Bins of the histogram: the usual number of an entropy calibration.</summary>
    public const int Bins = 2048;

    /// <summary>Values with a normal distribution, as weights have them.</summary>
    public static float[] Normal { get; } = CreateNormal();

    /// <summary>The same after Relu: half of the values are zero.</summary>
    public static float[] Rectified { get; } = Array.ConvertAll(Normal, value => Math.Max(0, value));

    /// <summary>Where floats are written; its pages are mapped.</summary>
    public static float[] Floats { get; } = [.. Normal];

    /// <summary>Where bytes are written and read; its pages are mapped.</summary>
    public static sbyte[] Bytes { get; } = Array.ConvertAll(Normal, value => (sbyte)(value * 20));

    private static float[] CreateNormal()
    {
        var random = new Random(1);
        var values = new float[Length];
        for (var i = 0; i < Length; i += 2)
        {
            // Box and Muller, 1958.
            var radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            var (sine, cosine) = Math.SinCos(Math.Tau * random.NextDouble());
            values[i] = (float)(radius * cosine);
            values[i + 1] = (float)(radius * sine);
        }

        return values;
    }
}
