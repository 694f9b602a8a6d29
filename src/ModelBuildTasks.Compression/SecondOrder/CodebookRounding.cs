namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>The values of codebooks, which weights share.</summary>
/// <param name="inputs">How many inputs there are.</param>
/// <param name="codebooks">One for each output: values in ascending order, at most 256.</param>
internal sealed class CodebookRounding(int inputs, IReadOnlyList<float[]> codebooks) : IRoundingGrid
{
    // Where the nearest value changes, once for all outputs with one codebook.
    private readonly double[][] borders = Borders(codebooks);

    /// <summary>Indices of the codebooks, as unsigned bytes.</summary>
    public sbyte[] Levels { get; } = new sbyte[inputs * codebooks.Count];

    /// <inheritdoc/>
    public void Round(int input, ReadOnlySpan<double> targets, Span<double> restored)
    {
        var levels = Levels.AsSpan(input * targets.Length, targets.Length);
        for (var output = 0; output < levels.Length; output++)
        {
            var found = borders[output].AsSpan().BinarySearch(targets[output]);
            var index = found < 0 ? ~found : found;
            levels[output] = unchecked((sbyte)index);
            restored[output] = codebooks[output][index];
        }
    }

    private static double[][] Borders(IReadOnlyList<float[]> codebooks)
    {
        var known = new Dictionary<float[], double[]>();
        var borders = new double[codebooks.Count][];
        for (var output = 0; output < borders.Length; output++)
        {
            var codebook = codebooks[output];
            if (!known.TryGetValue(codebook, out var own))
            {
                known.Add(codebook, own = [.. codebook.Zip(codebook.Skip(1), (left, right) => ((double)left + right) / 2)]);
            }

            borders[output] = own;
        }

        return borders;
    }
}
