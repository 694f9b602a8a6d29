using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using ModelBuildTasks.Compression.Kernels.Vectors;

namespace ModelBuildTasks.Compression.Kernels;

/// <summary>Squared distances to the levels of a quantized form, integrated.</summary>
internal static class LevelErrors
{
    private const int Lanes = 8;

    /// <summary>
    /// Σ wᵢ · F(xᵢ · scale), F(x) being the integral from 0 to x of the squared distance to the nearest integer within [lowest, highest]: every one that is passed adds ∫ r² = 1/12 (from −½ to ½),
    /// the way from the last one r³/3, and beyond the limits r goes on growing. Eight partial sums, one for each index modulo eight.
    /// </summary>
    /// <param name="positions">The x; finite.</param>
    /// <param name="weights">The w; finite.</param>
    /// <param name="scale">What the positions are multiplied with.</param>
    /// <param name="lowest">The least integer that counts; within ±2⁵⁰.</param>
    /// <param name="highest">The greatest; likewise.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static double WeightedIntegrals(ReadOnlySpan<double> positions, ReadOnlySpan<double> weights, double scale, double lowest, double highest)
    {
        if (positions.Length != weights.Length)
        {
            throw new ArgumentException($"{positions.Length} positions do not fit {weights.Length} weights.", nameof(weights));
        }

        Span<double> sums = stackalloc double[Lanes];
        sums.Clear();
        var remainder = positions.Length % Lanes;
        Add(positions[..^remainder], weights[..^remainder], scale, lowest, highest, sums);
        if (remainder > 0)
        {
            // What has no weight adds zero.
            Span<double> lastPositions = stackalloc double[Lanes];
            Span<double> lastWeights = stackalloc double[Lanes];
            lastPositions.Clear();
            lastWeights.Clear();
            positions[^remainder..].CopyTo(lastPositions);
            weights[^remainder..].CopyTo(lastWeights);
            Add(lastPositions, lastWeights, scale, lowest, highest, sums);
        }

        return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
    }

    private static void Add(ReadOnlySpan<double> positions, ReadOnlySpan<double> weights, double scale, double lowest, double highest, Span<double> sums)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Add<EightDoubles512>(positions, weights, scale, lowest, highest, sums);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Add<EightDoubles256>(positions, weights, scale, lowest, highest, sums);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            Add<EightDoubles128>(positions, weights, scale, lowest, highest, sums);
        }
        else
        {
            Add<EightDoublesScalar>(positions, weights, scale, lowest, highest, sums);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add<TDoubles>(ReadOnlySpan<double> positions, ReadOnlySpan<double> weights, double scale, double lowest, double highest, Span<double> sums)
        where TDoubles : struct, IEightDoubles<TDoubles>
    {
        ref readonly var position = ref MemoryMarshal.GetReference(positions);
        ref readonly var weight = ref MemoryMarshal.GetReference(weights);
        ref var first = ref MemoryMarshal.GetReference(sums);
        var (factor, low, high) = (TDoubles.Broadcast(scale), TDoubles.Broadcast(lowest), TDoubles.Broadcast(highest));
        var (toInteger, passed, third) = (TDoubles.Broadcast(Rounding.DoubleToInteger), TDoubles.Broadcast(1.0 / 12), TDoubles.Broadcast(1.0 / 3));
        var sum = TDoubles.Load(in first, 0);
        for (nuint i = 0; i < (nuint)positions.Length; i += Lanes)
        {
            // Clipping before rounding gives the same level, as the limits are integers.
            var value = TDoubles.Load(in position, i) * factor;
            var level = TDoubles.Minimum(TDoubles.Maximum(value, low), high) + toInteger - toInteger;
            var rest = value - level;
            sum += TDoubles.Load(in weight, i) * ((level * passed) + (rest * rest * rest * third));
        }

        TDoubles.Store(sum, ref first, 0);
    }
}
