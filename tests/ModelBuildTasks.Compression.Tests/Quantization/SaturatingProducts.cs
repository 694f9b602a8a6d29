namespace ModelBuildTasks.Compression.Tests.Quantization;

/// <summary>
/// The integer products of x64 processors without VNNI: VPMADDUBSW multiplies unsigned with signed bytes and adds two neighbours in 16 bits that saturate (Intel 64 and IA-32 Architectures Software Developer's
/// Manual, PMADDUBSW); VPMADDWD widens to 32 bits.
/// </summary>
internal static class SaturatingProducts
{
    /// <summary>The sum of products as such a processor computes it; an odd last one is paired with zeros.</summary>
    public static int Sum(ReadOnlySpan<byte> activations, ReadOnlySpan<sbyte> weights)
    {
        var sum = 0;
        for (var i = 0; i < weights.Length; i += 2)
        {
            var pair = activations[i] * weights[i];
            pair += i + 1 < weights.Length ? activations[i + 1] * weights[i + 1] : 0;
            sum += Math.Clamp(pair, short.MinValue, short.MaxValue);
        }

        return sum;
    }

    /// <summary>The sum as it should be.</summary>
    public static int ExactSum(ReadOnlySpan<byte> activations, ReadOnlySpan<sbyte> weights)
    {
        var sum = 0;
        for (var i = 0; i < weights.Length; i++)
        {
            sum += activations[i] * weights[i];
        }

        return sum;
    }

    /// <summary>For how many of many activations the two differ: the extremes that drive each pair to its limits, and random ones.</summary>
    public static int CountSaturated(ReadOnlySpan<sbyte> weights, int largest = byte.MaxValue)
    {
        var random = new Random(weights.Length);
        var activations = new byte[weights.Length];
        var saturated = 0;
        for (var trial = 0; trial < 40; trial++)
        {
            for (var i = 0; i < activations.Length; i++)
            {
                activations[i] = (byte)(trial switch
                {
                    0 => largest,
                    1 => weights[i] > 0 ? largest : 0,
                    2 => weights[i] < 0 ? largest : 0,
                    < 20 => random.Next(2) * largest,
                    _ => random.Next(largest + 1),
                });
            }

            saturated += Sum(activations, weights) == ExactSum(activations, weights) ? 0 : 1;
        }

        return saturated;
    }
}
