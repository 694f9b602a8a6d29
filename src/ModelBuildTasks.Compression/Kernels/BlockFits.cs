using System.Runtime.CompilerServices;
using ModelBuildTasks.Compression.Kernels.Vectors;

namespace ModelBuildTasks.Compression.Kernels;

/// <summary>The scale that fits a block of weights best once each has its level: the least squares of Σ h (w − q · scale)², which are Σ h w q / Σ h q²; 0 where all levels are zero.</summary>
internal static class BlockFits
{
    /// <inheritdoc cref="BlockSums.Of"/>
    public static void Of(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, ReadOnlySpan<float> scales, ReadOnlySpan<float> lowest, Span<float> results) =>
        BlockSums.Of<Operator>(values, importance, scales, lowest, results);

    private readonly struct Operator : IBlockOperator
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Add<TSingles>(TSingles value, TSingles importance, TSingles level, TSingles scale, ref TSingles first, ref TSingles second)
            where TSingles : struct, ISingles<TSingles>
        {
            var weighted = importance * level;
            first += weighted * value;
            second += weighted * level;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TSingles Result<TSingles>(TSingles first, TSingles second)
            where TSingles : struct, ISingles<TSingles> => TSingles.ZeroWhereNaN(first / second);
    }
}
