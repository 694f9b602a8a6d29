using System.Runtime.CompilerServices;
using ModelBuildTasks.Compression.Kernels.Vectors;

namespace ModelBuildTasks.Compression.Kernels;

/// <summary>Σ h (w − q · scale)² of blocks of weights that are rounded to sixteen levels, h being their importance (<see cref="BlockImportance"/>): what the scale of a block is chosen by.</summary>
internal static class BlockErrors
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
            var rest = value - (level * scale);
            first += importance * (rest * rest);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TSingles Result<TSingles>(TSingles first, TSingles second)
            where TSingles : struct, ISingles<TSingles> => first;
    }
}
