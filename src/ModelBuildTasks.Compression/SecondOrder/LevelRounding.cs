using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>Signed bytes with a scale for each output, of which weights share some.</summary>
/// <param name="inputs">How many inputs there are.</param>
/// <param name="scales">One for each output, positive.</param>
/// <param name="sets">The levels that each output's weights may have.</param>
internal sealed class LevelRounding(int inputs, float[] scales, LevelSet[] sets) : IRoundingGrid
{
    /// <inheritdoc/>
    public sbyte[] Levels { get; } = new sbyte[inputs * scales.Length];

    /// <inheritdoc/>
    public void Round(int input, ReadOnlySpan<double> targets, Span<double> restored)
    {
        var levels = Levels.AsSpan(input * scales.Length, scales.Length);
        for (var output = 0; output < levels.Length; output++)
        {
            levels[output] = (sbyte)sets[output].Nearest(targets[output] / scales[output]);
            restored[output] = levels[output] * scales[output];
        }
    }
}
