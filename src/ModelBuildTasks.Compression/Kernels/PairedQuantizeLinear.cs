using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Kernels.Vectors;

namespace ModelBuildTasks.Compression.Kernels;

/// <summary>
/// QuantizeLinear to [−127, 127] with zero point 0 under a bound on pairs: |q0 + q1| is at most the bound. Where rounding each for itself exceeds it, the pair takes the nearest point of the lattice on the
/// bound: x + y = ±bound with x = round((a − b ± bound) / 2) for the quotients a and b. Every other pair is what <see cref="QuantizeLinear"/> makes of it. NaN becomes 0.
/// </summary>
internal static class PairedQuantizeLinear
{
    /// <summary>The least bound: below it a weight alone could exceed it.</summary>
    public const int LeastBound = sbyte.MaxValue;

    /// <summary>Quantizes pairs with one scale.</summary>
    /// <param name="first">The first of each pair.</param>
    /// <param name="second">The second of each pair; 0 where the first is alone.</param>
    /// <param name="quantizedFirst">What becomes of the first ones.</param>
    /// <param name="quantizedSecond">What becomes of the second ones.</param>
    /// <param name="scale">Positive and finite.</param>
    /// <param name="bound">The largest |q0 + q1|, at least 127.</param>
    /// <exception cref="ArgumentException">The lengths differ, the scale is not positive and finite, or the bound is below 127.</exception>
    public static void ToInt8(ReadOnlySpan<float> first, ReadOnlySpan<float> second, Span<sbyte> quantizedFirst, Span<sbyte> quantizedSecond, float scale, int bound)
    {
        Check(first.Length, second.Length, quantizedFirst.Length, quantizedSecond.Length, [scale], bound);
        var kernel = new Kernel(first, second, MemoryMarshal.AsBytes(quantizedFirst), MemoryMarshal.AsBytes(quantizedSecond), scale, bound);
        WidestVector.Run(ref kernel);
    }

    /// <summary>Quantizes pairs of which each has a scale of its own: two rows of a matrix whose columns are channels.</summary>
    /// <param name="first">The first of each pair.</param>
    /// <param name="second">The second of each pair; 0 where the first is alone.</param>
    /// <param name="quantizedFirst">What becomes of the first ones.</param>
    /// <param name="quantizedSecond">What becomes of the second ones.</param>
    /// <param name="scales">One per pair, positive and finite.</param>
    /// <param name="bound">The largest |q0 + q1|, at least 127.</param>
    /// <exception cref="ArgumentException">The lengths differ, a scale is not positive and finite, or the bound is below 127.</exception>
    public static void PerChannel(ReadOnlySpan<float> first, ReadOnlySpan<float> second, Span<sbyte> quantizedFirst, Span<sbyte> quantizedSecond, ReadOnlySpan<float> scales, int bound)
    {
        Check(first.Length, second.Length, quantizedFirst.Length, quantizedSecond.Length, scales, bound);
        if (scales.Length != first.Length)
        {
            throw new ArgumentException($"{scales.Length} scales for {first.Length} pairs.", nameof(scales));
        }

        var kernel = new RowsKernel(first, second, MemoryMarshal.AsBytes(quantizedFirst), MemoryMarshal.AsBytes(quantizedSecond), scales, bound);
        WidestVector.Run(ref kernel);
    }

    private static void Check(int first, int second, int quantizedFirst, int quantizedSecond, ReadOnlySpan<float> scales, int bound)
    {
        if (second != first || quantizedFirst != first || quantizedSecond != first)
        {
            throw new ArgumentException($"{first} and {second} values do not pair up into {quantizedFirst} and {quantizedSecond} quantized ones.", nameof(second));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(bound, LeastBound);
        foreach (var scale in scales)
        {
            if (!(scale > 0 && float.IsFinite(scale)))
            {
                throw new ArgumentOutOfRangeException(nameof(scales), scale, "A scale must be positive and finite.");
            }
        }
    }

    /// <summary>Two quotients to two integers. With the excess 0 the shift is at most a half in magnitude and rounds to 0, so that nothing has to be selected.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (TSingles First, TSingles Second) Round<TSingles>(TSingles first, TSingles second, int bound)
        where TSingles : struct, ISingles<TSingles>
    {
        var (a, b) = (Saturate(first), Saturate(second));
        var (x, y) = (Round(a), Round(b));
        var sum = x + y;
        var target = TSingles.Minimum(TSingles.Maximum(sum, TSingles.Broadcast(-bound)), TSingles.Broadcast(bound));
        x += Round((a - x - (b - y) - (sum - target)) * TSingles.Broadcast(0.5f));
        return (x, target - x);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TSingles Saturate<TSingles>(TSingles value)
        where TSingles : struct, ISingles<TSingles> =>
        TSingles.Minimum(TSingles.Maximum(TSingles.ZeroWhereNaN(value), TSingles.Broadcast(-sbyte.MaxValue)), TSingles.Broadcast(sbyte.MaxValue));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TSingles Round<TSingles>(TSingles value)
        where TSingles : struct, ISingles<TSingles> => value + TSingles.Broadcast(Rounding.ToInteger) - TSingles.Broadcast(Rounding.ToInteger);

    private readonly ref struct Kernel(ReadOnlySpan<float> first, ReadOnlySpan<float> second, Span<byte> quantizedFirst, Span<byte> quantizedSecond, float scale, int bound) : ISinglesKernel
    {
        private readonly ReadOnlySpan<float> first = first;
        private readonly ReadOnlySpan<float> second = second;
        private readonly Span<byte> quantizedFirst = quantizedFirst;
        private readonly Span<byte> quantizedSecond = quantizedSecond;

        public void Run<TSingles>()
            where TSingles : struct, ISingles<TSingles>
        {
            var length = (nuint)first.Length;
            var vectorized = length - (length % (nuint)TSingles.Count);
            Map<TSingles>(0, vectorized);
            Map<Singles1>(vectorized, length);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Map<TSingles>(nuint start, nuint end)
            where TSingles : struct, ISingles<TSingles>
        {
            ref readonly var firstSource = ref MemoryMarshal.GetReference(first);
            ref readonly var secondSource = ref MemoryMarshal.GetReference(second);
            ref var firstDestination = ref MemoryMarshal.GetReference(quantizedFirst);
            ref var secondDestination = ref MemoryMarshal.GetReference(quantizedSecond);
            var divisor = TSingles.Broadcast(scale);
            for (var i = start; i < end; i += (nuint)TSingles.Count)
            {
                var (x, y) = Round(TSingles.Load(in firstSource, i) / divisor, TSingles.Load(in secondSource, i) / divisor, bound);
                TSingles.StoreRoundedBytes(x, 0, ref firstDestination, i);
                TSingles.StoreRoundedBytes(y, 0, ref secondDestination, i);
            }
        }
    }

    private readonly ref struct RowsKernel(ReadOnlySpan<float> first, ReadOnlySpan<float> second, Span<byte> quantizedFirst, Span<byte> quantizedSecond, ReadOnlySpan<float> scales, int bound)
        : ISinglesKernel
    {
        private readonly ReadOnlySpan<float> first = first;
        private readonly ReadOnlySpan<float> second = second;
        private readonly Span<byte> quantizedFirst = quantizedFirst;
        private readonly Span<byte> quantizedSecond = quantizedSecond;
        private readonly ReadOnlySpan<float> scales = scales;

        public void Run<TSingles>()
            where TSingles : struct, ISingles<TSingles>
        {
            var length = (nuint)first.Length;
            var vectorized = length - (length % (nuint)TSingles.Count);
            Map<TSingles>(0, vectorized);
            Map<Singles1>(vectorized, length);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Map<TSingles>(nuint start, nuint end)
            where TSingles : struct, ISingles<TSingles>
        {
            ref readonly var firstSource = ref MemoryMarshal.GetReference(first);
            ref readonly var secondSource = ref MemoryMarshal.GetReference(second);
            ref readonly var divisors = ref MemoryMarshal.GetReference(scales);
            ref var firstDestination = ref MemoryMarshal.GetReference(quantizedFirst);
            ref var secondDestination = ref MemoryMarshal.GetReference(quantizedSecond);
            for (var i = start; i < end; i += (nuint)TSingles.Count)
            {
                var divisor = TSingles.Load(in divisors, i);
                var (x, y) = Round(TSingles.Load(in firstSource, i) / divisor, TSingles.Load(in secondSource, i) / divisor, bound);
                TSingles.StoreRoundedBytes(x, 0, ref firstDestination, i);
                TSingles.StoreRoundedBytes(y, 0, ref secondDestination, i);
            }
        }
    }
}
