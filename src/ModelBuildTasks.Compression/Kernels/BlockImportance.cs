using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Kernels.Vectors;

namespace ModelBuildTasks.Compression.Kernels;

/// <summary>
/// How much the error of each weight of a block counts where no data tells it: the more, the larger the weight is. Networks have large weights where inputs matter. The blocks are the columns of a matrix.
/// </summary>
internal static class BlockImportance
{
    /// <summary>√(1 + w² / m), m being the mean of w² in the column; 1 where squares vanish or overflow.</summary>
    /// <param name="values">Rows of as many values as there are columns; finite.</param>
    /// <param name="columns">How many columns there are.</param>
    /// <param name="importance">One for each value, overwritten.</param>
    /// <exception cref="ArgumentException">A length does not fit the columns.</exception>
    public static void Of(ReadOnlySpan<float> values, int columns, Span<float> importance)
    {
        BlockColumns.Check(values.Length, columns, columns, columns);
        BlockColumns.CheckEach(values.Length, importance.Length);
        var kernel = new Kernel(values, columns, importance);
        WidestVector.Run(ref kernel);
        // Rounds as IEEE 754 says, on every instruction set.
        TensorPrimitives.Sqrt(importance, importance);
    }

    private readonly ref struct Kernel(ReadOnlySpan<float> values, int columns, Span<float> importance) : ISinglesKernel
    {
        private readonly ReadOnlySpan<float> values = values;
        private readonly nuint columns = (nuint)columns;
        private readonly Span<float> importance = importance;

        public void Run<TSingles>()
            where TSingles : struct, ISingles<TSingles>
        {
            var vectorized = columns - (columns % (nuint)TSingles.Count);
            Weigh<TSingles>(0, vectorized);
            Weigh<Singles1>(vectorized, columns);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Weigh<TSingles>(nuint column, nuint end)
            where TSingles : struct, ISingles<TSingles>
        {
            ref readonly var value = ref MemoryMarshal.GetReference(values);
            ref var weight = ref MemoryMarshal.GetReference(importance);
            var one = TSingles.Broadcast(1);
            for (; column < end; column += (nuint)TSingles.Count)
            {
                var (mean, rows) = (TSingles.Broadcast(0), TSingles.Broadcast(values.Length / (int)columns));
                for (var place = column; place < (nuint)values.Length; place += columns)
                {
                    var each = TSingles.Load(in value, place);
                    mean += each * each / rows;
                }

                for (var place = column; place < (nuint)values.Length; place += columns)
                {
                    var each = TSingles.Load(in value, place);
                    // Zeros alone, or squares that are infinite, give what is no number.
                    TSingles.Store(one + TSingles.ZeroWhereNaN(each * each / mean), ref weight, place);
                }
            }
        }
    }
}
