using ModelBuildTasks.Compression.SecondOrder;

namespace ModelBuildTasks.Compression.Pruning.BrainSurgeon;

/// <summary>A mask as a grid: what stays gets what is wanted of it, what goes gets zero.</summary>
/// <param name="masked">The weights [inputs × outputs]; zeros go, and the others are replaced.</param>
/// <param name="outputs">How many outputs there are.</param>
internal sealed class MaskedRounding(double[] masked, int outputs) : IRoundingGrid
{
    /// <summary>None are stored.</summary>
    public sbyte[] Levels => [];

    /// <summary>What became of the weights.</summary>
    public double[] Values => masked;

    /// <inheritdoc/>
    public void Round(int input, ReadOnlySpan<double> targets, Span<double> restored)
    {
        var own = masked.AsSpan(input * outputs, outputs);
        for (var output = 0; output < outputs; output++)
        {
            own[output] = own[output] == 0 ? 0 : targets[output];
        }

        own.CopyTo(restored);
    }
}
