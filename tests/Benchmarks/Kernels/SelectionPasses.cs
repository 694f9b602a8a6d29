using ModelBuildTasks.Compression.Kernels;

namespace Benchmarks.Kernels;

/// <summary>What pruning by magnitude takes of 100 million weights.</summary>
internal static class SelectionPasses
{
    private const int Length = 100_000_000;
    private const double RequiredPasses = 2;

    /// <returns>0 when the threshold of half of the weights takes at most two memory passes.</returns>
    public static int Run()
    {
        var weights = Weights(Length);
        var (masked, halfZero) = ((float[])weights.Clone(), (float[])weights.Clone());
        var pruned = MagnitudeSelection.Of(weights, Length / 2);
        Mask(halfZero, pruned);
        return MemoryPasses.Run(
            weights,
            ("threshold, 50 %", RequiredPasses, () => MagnitudeSelection.Of(weights, Length / 2)),
            ("threshold, 90 %", null, () => MagnitudeSelection.Of(weights, Length / 10 * 9L)),
            ("threshold, 50 %, two passes over parts", null, () => OfParts(weights)),
            ("threshold, 75 %, half of the weights zero", null, () => MagnitudeSelection.Of(halfZero, Length / 4 * 3L)),
            ("mask (writes too)", null, () => Mask(masked, pruned)),
            ("2:4 (writes too)", null, () => PatternMask.Apply(masked, weights, 2, 4)));
    }

    /// <summary>Normal values repeated with other magnitudes: as many as wanted, in a second.</summary>
    public static float[] Weights(int length)
    {
        var weights = new float[length];
        for (var i = 0; i < length; i++)
        {
            weights[i] = BenchmarkData.Normal[i % BenchmarkData.Length] * (1 + (i % 1013 / 4096f));
        }

        return weights;
    }

    private static void OfParts(float[] weights)
    {
        const int Part = 1 << 20;
        var selection = new MagnitudeSelection();
        for (var start = 0; start < weights.Length; start += Part)
        {
            selection.Count(weights.AsSpan(start, Math.Min(Part, weights.Length - start)));
        }

        selection.Narrow(weights.Length / 2);
        for (var start = 0; start < weights.Length; start += Part)
        {
            selection.CountNarrowed(weights.AsSpan(start, Math.Min(Part, weights.Length - start)));
        }

        _ = selection.Threshold;
    }

    private static void Mask(float[] weights, MagnitudeThreshold threshold)
    {
        var ties = threshold.Ties;
        MagnitudeMask.ZeroBelow(weights, weights, threshold, ref ties);
    }
}
