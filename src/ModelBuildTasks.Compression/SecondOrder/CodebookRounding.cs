namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>The values of a codebook, which all weights share.</summary>
/// <param name="inputs">How many inputs there are.</param>
/// <param name="outputs">How many outputs there are.</param>
/// <param name="codebook">The values, ascending; at most 128.</param>
internal sealed class CodebookRounding(int inputs, int outputs, float[] codebook) : IRoundingGrid
{
    // Where the nearest value changes.
    private readonly double[] borders = [.. codebook.Zip(codebook.Skip(1), (left, right) => ((double)left + right) / 2)];

    /// <summary>Indices of the codebook.</summary>
    public sbyte[] Levels { get; } = new sbyte[inputs * outputs];

    /// <inheritdoc/>
    public void Round(int input, ReadOnlySpan<double> targets, Span<double> restored)
    {
        var levels = Levels.AsSpan(input * outputs, outputs);
        for (var output = 0; output < outputs; output++)
        {
            var found = borders.AsSpan().BinarySearch(targets[output]);
            levels[output] = (sbyte)(found < 0 ? ~found : found);
            restored[output] = codebook[levels[output]];
        }
    }
}
