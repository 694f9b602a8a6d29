using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.WeightSharing;

/// <summary>
/// What a group of weights would lose by each choice of levels. Between two levels the border is a multiple of a half, so that sums over the intervals between these multiples tell the error of any choice exactly.
/// </summary>
internal sealed class LevelHistogram
{
    private const int Highest = WeightQuantizer.Maximum;

    /// <summary>Intervals of a half from −127 to 127; what is beyond is in the outer ones.</summary>
    private const int Intervals = 4 * Highest;

    // Of each interval Σ i, Σ i·x and Σ i·x²; summed up to each border once they are asked for.
    private readonly double[] weights = new double[Intervals + 1];
    private readonly double[] moments = new double[Intervals + 1];
    private readonly double[] squares = new double[Intervals + 1];
    private bool hasZeros;

    /// <summary>Adds a weight.</summary>
    /// <param name="value">In units of its scale.</param>
    /// <param name="importance">What a squared error of one scale does.</param>
    public void Add(double value, double importance)
    {
        var interval = (int)Math.Clamp(Math.Floor(2 * value) + (Intervals / 2), 0, Intervals - 1) + 1;
        weights[interval] += importance;
        moments[interval] += importance * value;
        squares[interval] += importance * value * value;
        hasZeros |= value == 0;
    }

    /// <summary>The levels with the least error, by dynamic programming over the last one. No weight may be added after it.</summary>
    /// <param name="count">How many levels there may be.</param>
    /// <param name="largestLeast">One level's magnitude is at most this: two such weights are possible side by side.</param>
    public LevelSet Choose(int count, int largestLeast)
    {
        if (count > 2 * Highest)
        {
            return LevelSet.All;
        }

        Sum(weights);
        Sum(moments);
        Sum(squares);
        var required = hasZeros ? 0 : largestLeast;
        var least = Enumerable.Range(-Highest, (2 * Highest) + 1).Select(level => level > required ? double.PositiveInfinity : Error(level, 0, Border(level, level))).ToArray();
        var (best, bestLength, last) = (double.PositiveInfinity, 0, 0);
        var previous = new List<int[]>();
        for (var length = 1; length <= count; length++)
        {
            for (var place = 0; place < least.Length; place++)
            {
                var error = place - Highest < -required ? double.PositiveInfinity : least[place] + Error(place - Highest, Border(place - Highest, place - Highest), Intervals);
                if (error < best)
                {
                    (best, bestLength, last) = (error, length, place);
                }
            }

            var (next, from) = (new double[least.Length], new int[least.Length]);
            for (var place = 0; place < next.Length; place++)
            {
                next[place] = double.PositiveInfinity;
                for (var before = 0; before < place; before++)
                {
                    var (low, high) = (before - Highest, place - Highest);
                    if (low < -required && high > required)
                    {
                        continue;
                    }

                    var border = Border(low, high);
                    var error = least[before] + Error(low, Border(low, low), border) + Error(high, border, Border(high, high));
                    if (error < next[place])
                    {
                        (next[place], from[place]) = (error, before);
                    }
                }
            }

            least = next;
            previous.Add(from);
        }

        var levels = new sbyte[bestLength];
        for (var index = bestLength - 1; index >= 0; index--)
        {
            levels[index] = (sbyte)(last - Highest);
            last = index > 0 ? previous[index - 1][last] : 0;
        }

        return new LevelSet(levels);
    }

    private static void Sum(double[] values)
    {
        for (var i = 1; i < values.Length; i++)
        {
            values[i] += values[i - 1];
        }
    }

    /// <summary>The interval that starts at the middle of two levels.</summary>
    private static int Border(int low, int high) => low + high + (Intervals / 2);

    /// <summary>Σ i·(x − level)² over some intervals.</summary>
    private double Error(int level, int first, int end) =>
        Math.Max(0, squares[end] - squares[first] - (2.0 * level * (moments[end] - moments[first])) + ((double)level * level * (weights[end] - weights[first])));
}
