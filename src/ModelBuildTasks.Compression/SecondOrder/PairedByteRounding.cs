using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>Signed bytes with a scale for each output, of which no pair exceeds a bound.</summary>
internal sealed class PairedByteRounding : IPairedGrid
{
    private readonly ByteRounding single;
    private readonly float[] scales;
    private readonly int limit;
    private readonly int?[] partners;

    /// <param name="inputs">How many inputs there are.</param>
    /// <param name="scales">One for each output, positive.</param>
    /// <param name="bound">Which inputs make pairs, and what their levels may add up to.</param>
    public PairedByteRounding(int inputs, float[] scales, PairBound bound)
    {
        single = new ByteRounding(inputs, scales);
        (this.scales, limit) = (scales, bound.Limit);
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
            var level = Nearest(pair.FirstTarget(output) / scale);
            var other = Nearest(pair.SecondTarget(output, level * scale) / scale);
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
        var nearest = Nearest(pair.FirstTarget(output) / scale);
        var (best, least) = ((First: 0, Second: 0), double.PositiveInfinity);
        for (var direction = -1; direction <= 1; direction += 2)
        {
            for (var level = nearest; Math.Abs(level) <= WeightQuantizer.Maximum && pair.FirstError(output, level * scale) < least; level += direction)
            {
                var (lowest, highest) = (Math.Max(-WeightQuantizer.Maximum, -limit - level), Math.Min(WeightQuantizer.Maximum, limit - level));
                var other = Math.Clamp(Nearest(pair.SecondTarget(output, level * scale) / scale), lowest, highest);
                var error = pair.Error(output, level * scale, other * scale);
                if (error < least)
                {
                    (best, least) = ((level, other), error);
                }
            }
        }

        return best;
    }

    private static int Nearest(double level) => (int)Math.Clamp(Math.Round(level), -WeightQuantizer.Maximum, WeightQuantizer.Maximum);
}
