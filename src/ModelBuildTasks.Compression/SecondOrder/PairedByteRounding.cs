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
            var level = Nearest(pair.FirstTargets[output] / scale);
            var other = Nearest(pair.SecondTarget(output, level * scale) / scale);
            if (Math.Abs(level + other) > limit)
            {
                (level, other) = OnBound(pair, output, Math.Sign(level + other) * limit);
            }

            (first[output], second[output]) = ((sbyte)level, (sbyte)other);
            (restoredFirst[output], restoredSecond[output]) = (level * scale, other * scale);
        }
    }

    /// <summary>The two levels with a given sum whose error is least: a parabola along their difference.</summary>
    private (int First, int Second) OnBound(InputPair pair, int output, int sum)
    {
        var scale = scales[output];
        var (first, second, coupling) = pair.Factors;
        // Steps of the first add to its own error, and to the second's, which takes the opposite step: d error / d level = scale · (first² · a − second² · (1 − coupling) · b).
        var (own, opposite) = (first * first, second * second * (1 - coupling));
        var wanted = pair.SecondTargets[output] + (coupling * pair.Weights[output]) - (sum * (double)scale);
        var best = ((own * pair.FirstTargets[output]) - (opposite * wanted)) / ((own + (opposite * (1 - coupling))) * scale);
        var (lowest, highest) = (Math.Max(-WeightQuantizer.Maximum, sum - WeightQuantizer.Maximum), Math.Min(WeightQuantizer.Maximum, sum + WeightQuantizer.Maximum));
        var level = (int)Math.Clamp(Math.Round(best), lowest, highest);
        return (level, sum - level);
    }

    private static int Nearest(double level) => (int)Math.Clamp(Math.Round(level), -WeightQuantizer.Maximum, WeightQuantizer.Maximum);
}
