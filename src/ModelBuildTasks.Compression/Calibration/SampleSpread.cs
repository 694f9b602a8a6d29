namespace ModelBuildTasks.Compression.Calibration;

/// <summary>Some samples in place of all of them.</summary>
internal static class SampleSpread
{
    /// <summary>So many of the samples, evenly spread; the first ones where they follow one another.</summary>
    public static IReadOnlyList<int> Of(IReadOnlyList<int> indices, int count, bool isOrdered) => indices.Count <= count ? indices
        : isOrdered ? [.. indices.Take(count)]
        : [.. Enumerable.Range(0, count).Select(index => indices[(int)((long)index * indices.Count / count)])];
}
