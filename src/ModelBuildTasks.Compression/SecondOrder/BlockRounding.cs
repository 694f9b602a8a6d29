using ModelBuildTasks.Compression.Kernels;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>Levels of four bits with a scale for each block.</summary>
/// <param name="grid">What the levels of each block stand for; a row of blocks is an output.</param>
/// <param name="firstRow">The row of the first output.</param>
/// <param name="outputs">How many outputs there are.</param>
internal sealed class BlockRounding(BlockGrid grid, int firstRow, int outputs) : IRoundingGrid
{
    /// <inheritdoc/>
    public sbyte[] Levels { get; } = new sbyte[grid.Layout.Depth * outputs];

    /// <inheritdoc/>
    public void Round(int input, ReadOnlySpan<double> targets, Span<double> restored)
    {
        var levels = Levels.AsSpan(input * outputs, outputs);
        var place = input / grid.Layout.Size;
        for (var output = 0; output < outputs; output++)
        {
            var block = ((firstRow + output) * grid.Layout.BlocksPerRow) + place;
            var (scale, zeroPoint) = (grid.Scales[block], grid.ZeroPoint(block));
            var level = (int)Math.Clamp(Math.Round(targets[output] / scale) + zeroPoint, 0, BlockColumns.Levels - 1);
            levels[output] = (sbyte)level;
            restored[output] = (level - zeroPoint) * scale;
        }
    }
}
