using ModelBuildTasks.Compression.Kernels;
using ModelBuildTasks.Compression.SecondOrder;

namespace ModelBuildTasks.Compression.Pruning.BrainSurgeon;

/// <summary>
/// A mask as a grid: what stays gets what is wanted of it, what goes gets zero. How many weights of a block of inputs go is known before; which of them, once it is known what the errors of other blocks want of them
/// (Frantar and Alistarh 2023, "SparseGPT", adaptive mask selection).
/// </summary>
/// <param name="masked">The weights [inputs × outputs]; zeros go, and the others are replaced.</param>
/// <param name="outputs">How many outputs there are.</param>
/// <param name="isFixed">Whether the very weights that are zero go: a pattern of zeros is no other block's.</param>
internal sealed class MaskedRounding(double[] masked, int outputs, bool isFixed) : IBlockGrid
{
    /// <summary>None are stored.</summary>
    public sbyte[] Levels => [];

    /// <summary>What became of the weights.</summary>
    public double[] Values => masked;

    /// <inheritdoc/>
    public void Begin(ReadOnlySpan<int> inputs, ReadOnlySpan<double> targets, ReadOnlySpan<double> scales)
    {
        if (isFixed)
        {
            return;
        }

        var costs = new float[targets.Length];
        var zeros = 0L;
        for (var index = 0; index < costs.Length; index++)
        {
            var term = targets[index] * scales[index / outputs];
            costs[index] = (float)(term * term);
            zeros += masked[(inputs[index / outputs] * outputs) + (index % outputs)] == 0 ? 1 : 0;
        }

        // Ones, of which those that go become zeros.
        var stays = new float[costs.Length];
        stays.AsSpan().Fill(1);
        var threshold = MagnitudeSelection.Of(costs, zeros);
        var ties = threshold.Ties;
        MagnitudeMask.ZeroBelow(stays, costs, threshold, ref ties);
        for (var index = 0; index < costs.Length; index++)
        {
            masked[(inputs[index / outputs] * outputs) + (index % outputs)] = stays[index];
        }
    }

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
