using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using ModelBuildTasks.Compression.Kernels.Vectors;

namespace ModelBuildTasks.Compression.Kernels;

/// <summary>Which of ascending centroids is the nearest to each value, and the sums of the values that share one: a step of k-means in one dimension.</summary>
internal static class KMeansAssignment
{
    // More centroids are searched one value at a time.
    private const int MaximumVectorClusters = 16;

    // Values whose indices are kept in the first-level cache.
    private const int Block = 256;

    // Partial sums of a cluster, one for each index modulo eight: an addition waits for the one before it in the same place.
    private const int Lanes = 8;

    // A sum and a weight, side by side.
    private const int Pair = 2;

    /// <summary>The index of the nearest centroid; of two that are equally near, the lower. NaN goes to the first.</summary>
    /// <param name="values">Any number of values.</param>
    /// <param name="centroids">1 to 256, finite and ascending.</param>
    /// <param name="indices">One for each value.</param>
    /// <exception cref="ArgumentException">The lengths differ, or the centroids do not ascend.</exception>
    public static void Assign(ReadOnlySpan<float> values, ReadOnlySpan<float> centroids, Span<byte> indices)
    {
        if (indices.Length != values.Length)
        {
            throw new ArgumentException($"{indices.Length} indices for {values.Length} values.", nameof(indices));
        }

        Span<float> limits = stackalloc float[ClusterLimits.MaximumClusters];
        ClusterLimits.Of(centroids, limits);
        Assign(values, limits, centroids.Length, indices);
    }

    /// <summary>Adds each value to the sum of its cluster, in an order that does not depend on the processor.</summary>
    /// <param name="values">Finite.</param>
    /// <param name="importances">One for each value, not negative, or none where all count alike.</param>
    /// <param name="centroids">1 to 256, finite and ascending.</param>
    /// <param name="sums">Σ importance · value of each cluster, added to.</param>
    /// <param name="weights">Σ importance of each cluster, added to: how many values it has where all count alike.</param>
    /// <exception cref="ArgumentException">The lengths differ, or the centroids do not ascend.</exception>
    public static void Accumulate(ReadOnlySpan<float> values, ReadOnlySpan<float> importances, ReadOnlySpan<float> centroids, Span<double> sums, Span<double> weights)
    {
        if (!importances.IsEmpty && importances.Length != values.Length)
        {
            throw new ArgumentException($"{importances.Length} importances for {values.Length} values.", nameof(importances));
        }

        if (sums.Length != centroids.Length || weights.Length != centroids.Length)
        {
            throw new ArgumentException($"{sums.Length} sums and {weights.Length} weights for {centroids.Length} centroids.", nameof(sums));
        }

        Span<float> limits = stackalloc float[ClusterLimits.MaximumClusters];
        ClusterLimits.Of(centroids, limits);
        Span<double> partial = stackalloc double[centroids.Length * Lanes * Pair];
        partial.Clear();
        Span<byte> indices = stackalloc byte[Block];
        Span<double> terms = stackalloc double[Block];
        Span<double> termWeights = stackalloc double[Block];
        termWeights.Fill(1);
        for (var start = 0; start < values.Length; start += Block)
        {
            var block = values.Slice(start, Math.Min(Block, values.Length - start));
            Assign(block, limits, centroids.Length, indices);
            // Widening is exact, and so is a product of two floats. One value at a time, it would wait for the one before it in the same register.
            TensorPrimitives.ConvertTruncating<float, double>(block, terms);
            if (!importances.IsEmpty)
            {
                TensorPrimitives.ConvertTruncating<float, double>(importances.Slice(start, block.Length), termWeights);
                TensorPrimitives.Multiply<double>(terms, termWeights, terms);
            }

            Add(terms[..block.Length], termWeights, indices, partial);
        }

        for (var cluster = 0; cluster < centroids.Length; cluster++)
        {
            var lanes = partial.Slice(cluster * Lanes * Pair, Lanes * Pair);
            sums[cluster] += Total(lanes);
            weights[cluster] += Total(lanes[1..]);
        }
    }

    private static double Total(ReadOnlySpan<double> lanes) => ((lanes[0] + lanes[2]) + (lanes[4] + lanes[6])) + ((lanes[8] + lanes[10]) + (lanes[12] + lanes[14]));

    private static void Assign(ReadOnlySpan<float> values, ReadOnlySpan<float> limits, int clusters, Span<byte> indices)
    {
        if (clusters <= MaximumVectorClusters)
        {
            var kernel = new Kernel(values, limits, indices);
            WidestVector.Run(ref kernel);
        }
        else
        {
            Search(values, limits, indices);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Search(ReadOnlySpan<float> values, ReadOnlySpan<float> limits, Span<byte> indices)
    {
        ref readonly var value = ref MemoryMarshal.GetReference(values);
        ref readonly var limit = ref MemoryMarshal.GetReference(limits);
        ref var destination = ref MemoryMarshal.GetReference(indices);
        for (nuint i = 0; i < (nuint)values.Length; i++)
        {
            var searched = Unsafe.Add(ref Unsafe.AsRef(in value), i);
            nuint index = 0;
            for (nuint half = ClusterLimits.MaximumClusters / 2; half > 0; half /= 2)
            {
                // No branch: it would be mispredicted every other time.
                index += half * Unsafe.BitCast<bool, byte>(searched > Unsafe.Add(ref Unsafe.AsRef(in limit), index + half - 1));
            }

            Unsafe.Add(ref destination, i) = (byte)index;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Add(ReadOnlySpan<double> terms, ReadOnlySpan<double> weights, ReadOnlySpan<byte> indices, Span<double> partial)
    {
        fixed (double* firstTerm = terms)
        fixed (double* firstWeight = weights)
        fixed (byte* firstIndex = indices)
        fixed (double* sum = partial)
        {
            var term = firstTerm;
            var weight = firstWeight;
            var index = firstIndex;
            for (var end = term + (terms.Length - (terms.Length % Lanes)); term < end; term += Lanes, weight += Lanes, index += Lanes)
            {
                Add(term[0], weight[0], index[0], sum);
                Add(term[1], weight[1], index[1], sum + Pair);
                Add(term[2], weight[2], index[2], sum + (2 * Pair));
                Add(term[3], weight[3], index[3], sum + (3 * Pair));
                Add(term[4], weight[4], index[4], sum + (4 * Pair));
                Add(term[5], weight[5], index[5], sum + (5 * Pair));
                Add(term[6], weight[6], index[6], sum + (6 * Pair));
                Add(term[7], weight[7], index[7], sum + (7 * Pair));
            }

            for (var lane = 0; lane < terms.Length % Lanes; lane++)
            {
                Add(term[lane], weight[lane], index[lane], sum + (lane * Pair));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Add(double term, double weight, nuint cluster, double* lane)
    {
        var pair = lane + (cluster * (Lanes * Pair));
        (Vector128.Load(pair) + Vector128.Create(term, weight)).Store(pair);
    }

    private readonly ref struct Kernel(ReadOnlySpan<float> values, ReadOnlySpan<float> limits, Span<byte> indices) : ISinglesKernel
    {
        private readonly ReadOnlySpan<float> values = values;
        private readonly ReadOnlySpan<float> limits = limits;
        private readonly Span<byte> indices = indices;

        public void Run<TSingles>()
            where TSingles : struct, ISingles<TSingles>
        {
            var vectorized = (nuint)(values.Length - (values.Length % TSingles.Count));
            Assign<TSingles>(0, vectorized);
            Assign<Singles1>(vectorized, (nuint)values.Length);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Assign<TSingles>(nuint start, nuint end)
            where TSingles : struct, ISingles<TSingles>
        {
            ref readonly var value = ref MemoryMarshal.GetReference(values);
            ref readonly var limit = ref MemoryMarshal.GetReference(limits);
            ref var index = ref MemoryMarshal.GetReference(indices);
            for (var i = start; i < end; i += (nuint)TSingles.Count)
            {
                TSingles.StoreBuckets(TSingles.Load(in value, i), in limit, ref index, i);
            }
        }
    }
}
