using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ModelBuildTasks.Compression.Kernels;

/// <summary>N:M sparsity: in each group of M neighbours, all but the N of the largest saliency become zero.</summary>
internal static class PatternMask
{
    private const int Four = 4;

    /// <summary>Sets all but the largest of each group to positive zero. Magnitudes of saliencies are compared by their bits: finite values, then infinity, then NaN; of equal ones the earlier is kept.</summary>
    /// <param name="values">Rows whose length is a multiple of the group, or one row, whose last group may have fewer values.</param>
    /// <param name="saliencies">One for each value: the values themselves, or any other measure.</param>
    /// <param name="kept">N, at least 0.</param>
    /// <param name="group">M, at least 1.</param>
    /// <returns>How many values were set.</returns>
    /// <exception cref="ArgumentException">The lengths differ, or a number is out of range.</exception>
    public static long Apply(Span<float> values, ReadOnlySpan<float> saliencies, int kept, int group)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(kept);
        ArgumentOutOfRangeException.ThrowIfLessThan(group, 1);
        if (saliencies.Length != values.Length)
        {
            throw new ArgumentException($"{saliencies.Length} saliencies for {values.Length} values.", nameof(saliencies));
        }

        if (kept >= group)
        {
            return 0;
        }

        var vectorized = group == Four && Vector128.IsHardwareAccelerated ? values.Length - (values.Length % Four) : 0;
        MaskFours(values[..vectorized], saliencies[..vectorized], kept);
        var zeroed = (long)vectorized / Four * (Four - kept);
        for (var start = vectorized; start < values.Length; start += group)
        {
            var length = Math.Min(group, values.Length - start);
            zeroed += MaskGroup(values.Slice(start, length), saliencies.Slice(start, length), kept);
        }

        return zeroed;
    }

    // A value stays where fewer than N of its neighbours come before it: the three others are turned to its place one after the other.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MaskFours(Span<float> values, ReadOnlySpan<float> saliencies, int kept)
    {
        ref var value = ref MemoryMarshal.GetReference(values);
        ref readonly var saliency = ref MemoryMarshal.GetReference(saliencies);
        var limit = Vector128.Create(-kept);
        for (nuint i = 0; i < (nuint)values.Length; i += Four)
        {
            var own = Vector128.LoadUnsafe(in saliency, i).AsInt32() & Vector128.Create(int.MaxValue);
            // A comparison gives −1 where it holds. Of equal ones the earlier comes first, so that those which were turned around from the front need not be greater: their bits count one more.
            var before = Vector128.GreaterThan(Vector128.Shuffle(own, Vector128.Create(1, 2, 3, 0)), own + Vector128.Create(0, 0, 0, -1))
                + Vector128.GreaterThan(Vector128.Shuffle(own, Vector128.Create(2, 3, 0, 1)), own + Vector128.Create(0, 0, -1, -1))
                + Vector128.GreaterThan(Vector128.Shuffle(own, Vector128.Create(3, 0, 1, 2)), own + Vector128.Create(0, -1, -1, -1));
            (Vector128.LoadUnsafe(ref value, i) & Vector128.GreaterThan(before, limit).AsSingle()).StoreUnsafe(ref value, i);
        }
    }

    private static int MaskGroup(Span<float> values, ReadOnlySpan<float> saliencies, int kept)
    {
        // Read before values are written, which may be the saliencies.
        Span<int> magnitudes = saliencies.Length <= 64 ? stackalloc int[saliencies.Length] : new int[saliencies.Length];
        for (var i = 0; i < magnitudes.Length; i++)
        {
            magnitudes[i] = BitConverter.SingleToInt32Bits(saliencies[i]) & int.MaxValue;
        }

        var zeroed = 0;
        for (var i = 0; i < values.Length; i++)
        {
            var before = 0;
            for (var other = 0; other < magnitudes.Length; other++)
            {
                before += magnitudes[other] > magnitudes[i] || (magnitudes[other] == magnitudes[i] && other < i) ? 1 : 0;
            }

            if (before >= kept)
            {
                values[i] = 0;
                zeroed++;
            }
        }

        return zeroed;
    }
}
