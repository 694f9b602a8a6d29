namespace ModelBuildTasks.Compression.Tests.Kernels;

/// <summary>Seeded values for kernels: the same in every process and on every processor.</summary>
internal static class KernelData
{
    /// <summary>Every length around every vector width, and some beyond one round of any loop.</summary>
    public static IEnumerable<int> Lengths => [.. Enumerable.Range(0, 257), 1000, 4099, 65537];

    /// <summary>What behaves unlike other numbers.</summary>
    public static ReadOnlySpan<float> Specials =>
    [
        float.NaN, float.PositiveInfinity, float.NegativeInfinity, 0f, -0f, float.Epsilon, -float.Epsilon, 1.1754942e-38f, -1.1754942e-38f, float.MaxValue, float.MinValue,
        0.5f, -0.5f, 1.5f, -1.5f, 2.5f, -2.5f, 126.5f, 127.5f, -127.5f, -128.5f, 0.49999997f, -0.49999997f, 8388609f, -8388609f, 16777216f, 2147483648f, -2147483648f, 4.2949673e9f,
    ];

    /// <summary>Numbers between −4 and 4; a quarter of them zero.</summary>
    public static float[] Values(int length, int seed)
    {
        var random = new Random(seed);
        var values = new float[length];
        foreach (ref var value in values.AsSpan())
        {
            // No transcendental function: their last bit depends on the platform.
            value = random.Next(4) == 0 ? 0f : (float)((random.NextDouble() * 8) - 4);
        }

        return values;
    }

    /// <summary>The same with a special value in every third place.</summary>
    public static float[] ValuesWithSpecials(int length, int seed)
    {
        var random = new Random(seed);
        var values = Values(length, seed);
        for (var i = random.Next(3); i < length; i += 3)
        {
            values[i] = Specials[random.Next(Specials.Length)];
        }

        return values;
    }

    /// <summary>Signed bytes over their whole range.</summary>
    public static sbyte[] Bytes(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return Array.ConvertAll(bytes, value => unchecked((sbyte)value));
    }
}
