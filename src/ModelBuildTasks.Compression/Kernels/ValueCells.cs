using System.Runtime.CompilerServices;

namespace ModelBuildTasks.Compression.Kernels;

/// <summary>
/// Values grouped by their upper bits, in ascending order of the groups, with the sums of each: a step of k-means then reads only the few groups in which two clusters meet, and gives what reading all values would. Values come in
/// parts, each of them twice: <see cref="Count"/> all, then <see cref="Add"/> all. It holds a copy of the values, and of the importances.
/// </summary>
internal sealed class ValueCells
{
    // Sign, exponent and six bits of the mantissa: a cell of a normal distribution has at most a few thousandths of its values.
    private const int LowerBits = 17;
    private const int Cells = 1 << (32 - LowerBits);

    // Where the next value of a cell goes; after all are added, where the next cell begins.
    private readonly int[] next = new int[Cells];
    private int counted;
    private int added;
    private float[]? values;
    private float[] importances = [];
    private (int Cell, int Start, int Length, double Sum, double Weight)[]? groups;

    /// <summary>The cells that hold values, in ascending order (importances that are all zero count as none): the least and the largest value they can have, how many they have, Σ importance · value and Σ importance.</summary>
    public IEnumerable<(float Least, float Largest, int Length, double Sum, double Weight)> Occupied =>
        Groups.Select(group => (Least(group.Cell), Largest(group.Cell), group.Length, group.Sum, group.Weight));

    private (int Cell, int Start, int Length, double Sum, double Weight)[] Groups => groups ??= Group();

    /// <summary>Values that are all there.</summary>
    /// <param name="values">Finite.</param>
    /// <param name="importances">One for each value, not negative, or none where all count alike.</param>
    public static ValueCells Of(ReadOnlySpan<float> values, ReadOnlySpan<float> importances)
    {
        var cells = new ValueCells();
        cells.Count(values);
        cells.Add(values, importances);
        return cells;
    }

    /// <summary>Counts values of the first pass.</summary>
    /// <exception cref="OverflowException">There are more than an array can hold.</exception>
    public void Count(ReadOnlySpan<float> values)
    {
        counted = checked(counted + values.Length);
        foreach (var value in values)
        {
            next[Cell(value)]++;
        }
    }

    /// <summary>Adds values of the second pass, which sees those of the first one in any order.</summary>
    /// <param name="part">Finite.</param>
    /// <param name="partImportances">One for each value, not negative, or none where all count alike, which is so for all parts or for none.</param>
    /// <exception cref="ArgumentException">There is not one importance for each value.</exception>
    public void Add(ReadOnlySpan<float> part, ReadOnlySpan<float> partImportances)
    {
        if (!partImportances.IsEmpty && partImportances.Length != part.Length)
        {
            throw new ArgumentException($"{partImportances.Length} importances for {part.Length} values.", nameof(partImportances));
        }

        added += part.Length;
        values ??= Allocate();
        if (partImportances.IsEmpty)
        {
            foreach (var value in part)
            {
                values[next[Cell(value)]++] = value;
            }

            return;
        }

        importances = importances.Length == 0 ? new float[counted] : importances;
        for (var i = 0; i < part.Length; i++)
        {
            var place = next[Cell(part[i])]++;
            values[place] = part[i];
            importances[place] = partImportances[i];
        }
    }

    /// <summary>The values of a cell in the order they were added, by its place among the occupied ones.</summary>
    public ReadOnlySpan<float> Values(int occupied) => values.AsSpan(Groups[occupied].Start, Groups[occupied].Length);

    /// <summary>What <see cref="KMeansAssignment.Accumulate"/> gives for all values, but for the order of the additions.</summary>
    /// <param name="centroids">1 to 256, finite and ascending.</param>
    /// <param name="sums">Σ importance · value of each cluster, overwritten.</param>
    /// <param name="weights">Σ importance of each cluster, overwritten.</param>
    public void Accumulate(ReadOnlySpan<float> centroids, Span<double> sums, Span<double> weights)
    {
        Span<float> limits = stackalloc float[ClusterLimits.MaximumClusters];
        ClusterLimits.Of(centroids, limits);
        sums.Clear();
        weights.Clear();
        var cluster = 0;
        foreach (var group in Groups)
        {
            while (limits[cluster] < Least(group.Cell))
            {
                cluster++;
            }

            if (Largest(group.Cell) <= limits[cluster])
            {
                sums[cluster] += group.Sum;
                weights[cluster] += group.Weight;
            }
            else
            {
                KMeansAssignment.Accumulate(values.AsSpan(group.Start, group.Length), ImportancesOf(group.Start, group.Length), centroids, sums, weights);
            }
        }
    }

    // Ascending values have ascending cells: the bits of negative values are turned around.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Cell(float value)
    {
        var bits = BitConverter.SingleToInt32Bits(value);
        return (uint)(bits ^ ((bits >> 31) | int.MinValue)) >> LowerBits;
    }

    private static float Least(int cell) => ValueOf((uint)cell << LowerBits);

    private static float Largest(int cell) => ValueOf(((uint)(cell + 1) << LowerBits) - 1);

    private static float ValueOf(uint ordered) => BitConverter.UInt32BitsToSingle(ordered >= 1u << 31 ? ordered ^ (1u << 31) : ~ordered);

    private float[] Allocate()
    {
        var start = 0;
        foreach (ref var cell in next.AsSpan())
        {
            var length = cell;
            cell = start;
            start += length;
        }

        return new float[counted];
    }

    private (int Cell, int Start, int Length, double Sum, double Weight)[] Group()
    {
        if (added != counted)
        {
            throw new InvalidOperationException($"{added} of {counted} values were added.");
        }

        if (importances.AsSpan().IndexOfAnyExcept(0) < 0)
        {
            importances = [];
        }

        var occupied = new List<(int, int, int, double, double)>();
        var start = 0;
        for (var cell = 0; cell < Cells; cell++)
        {
            var length = next[cell] - start;
            if (length > 0)
            {
                double sum = 0, weight = 0;
                KMeansAssignment.Accumulate(values.AsSpan(start, length), ImportancesOf(start, length), [0], new(ref sum), new(ref weight));
                occupied.Add((cell, start, length, sum, weight));
                start = next[cell];
            }
        }

        return [.. occupied];
    }

    private ReadOnlySpan<float> ImportancesOf(int start, int length) => importances.Length == 0 ? [] : importances.AsSpan(start, length);
}
