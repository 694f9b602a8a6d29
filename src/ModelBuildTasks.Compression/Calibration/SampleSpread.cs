namespace ModelBuildTasks.Compression.Calibration;

/// <summary>Some samples in place of all of them.</summary>
internal static class SampleSpread
{
    /// <summary>So many of the samples, evenly spread; the first ones where they follow one another, as each means something behind those before it only.</summary>
    public static IReadOnlyList<int> Of(IReadOnlyList<int> indices, int count, bool isOrdered) => indices.Count <= count ? indices
        : isOrdered ? [.. indices.Take(count)]
        : [.. Places(indices.Count, count).Select(place => indices[place])];

    /// <summary>At most so many of the places from 0 to <paramref name="count"/> − 1, evenly spread.</summary>
    public static IEnumerable<int> Places(int count, int most) => Enumerable.Range(0, Math.Min(count, most)).Select(index => (int)((long)index * count / Math.Min(count, most)));
}
