using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>Signed bytes with a scale for each output, of which no pair exceeds a bound.</summary>
internal sealed class PairedByteRounding : IPairedGrid
{
    private readonly IRoundingGrid single;
    private readonly float[] scales;
    private readonly int limit;
    private readonly LevelSet[]? sets;
    private readonly int?[] partners;

    /// <param name="inputs">How many inputs there are.</param>
    /// <param name="scales">One for each output, positive.</param>
    /// <param name="bound">Which inputs make pairs, and what their levels may add up to.</param>
    /// <param name="sets">The levels that each output's weights may have; null for all.</param>
    public PairedByteRounding(int inputs, float[] scales, PairBound bound, LevelSet[]? sets = null)
    {
        single = sets is null ? new ByteRounding(inputs, scales) : new LevelRounding(inputs, scales, sets);
        (this.scales, limit, this.sets) = (scales, bound.Limit, sets);
        partners = new int?[inputs];
        var inputAt = new int[inputs];
        for (var input = 0; input < inputs; input++)
        {
            inputAt[bound.Order.Place(input)] = input;
        }

        for (var place = 0; place + 1 < inputs; place += 2)
        {
            (partners[inputAt[place]], partners[inputAt[place + 1]]) = (inputAt[place + 1], inputAt[place]);
        }
    }

    /// <inheritdoc/>
    public sbyte[] Levels => single.Levels;

    /// <inheritdoc/>
    public int? Partner(int input) => partners[input];

    /// <inheritdoc/>
    public void Round(int input, ReadOnlySpan<double> targets, Span<double> restored) => single.Round(input, targets, restored);

    /// <inheritdoc/>
    public void Round(InputPair pair, Span<double> restoredFirst, Span<double> restoredSecond)
    {
        var first = Levels.AsSpan(pair.First * scales.Length, scales.Length);
        var second = Levels.AsSpan(pair.Second * scales.Length, scales.Length);
        for (var output = 0; output < scales.Length; output++)
        {
            var scale = scales[output];
            var level = Nearest(output, pair.FirstTarget(output) / scale);
            var other = Nearest(output, pair.SecondTarget(output, level * scale) / scale);
            if (Math.Abs(level + other) > limit)
            {
                (level, other) = Best(pair, output);
            }

            (first[output], second[output]) = ((sbyte)level, (sbyte)other);
            (restoredFirst[output], restoredSecond[output]) = (level * scale, other * scale);
        }
    }

    /// <summary>
    /// The two levels within the bound whose error is least: levels of the first from the nearest one outwards, each with the best of the second, until the first one's own error is no less than the least found. Levels whose sum is
    /// the bound are not always the best: one less of either may leave the second a smaller error.
    /// </summary>
    private (int First, int Second) Best(InputPair pair, int output)
    {
        var scale = scales[output];
        var set = sets?[output] ?? LevelSet.All;
        var nearest = Array.BinarySearch(set.Levels, (sbyte)Nearest(output, pair.FirstTarget(output) / scale));
        var (best, least) = ((First: 0, Second: 0), double.PositiveInfinity);
        for (var direction = -1; direction <= 1; direction += 2)
        {
            for (var place = nearest; place >= 0 && place < set.Levels.Length && pair.FirstError(output, set.Levels[place] * scale) < least; place += direction)
            {
                int level = set.Levels[place];
                if (Within(output, pair.SecondTarget(output, level * scale) / scale, -limit - level, limit - level) is { } other && pair.Error(output, level * scale, other * scale) is var error && error < least)
                {
                    (best, least) = ((level, other), error);
                }
            }
        }

        return best;
    }

    private int Nearest(int output, double level) => sets is null ? (int)Math.Clamp(Math.Round(level), -WeightQuantizer.Maximum, WeightQuantizer.Maximum) : sets[output].Nearest(level);

    private int? Within(int output, double level, int lowest, int highest) => sets is not null ? sets[output].NearestWithin(level, lowest, highest)
        : Math.Clamp(Nearest(output, level), Math.Max(-WeightQuantizer.Maximum, lowest), Math.Min(WeightQuantizer.Maximum, highest));
}
