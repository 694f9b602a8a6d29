using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>Each weight becomes the value nearest to it, or that with the least error of its pair. Weights are read in parts, so that none needs room as a whole.</summary>
internal sealed class NearestRounder : IWeightRounder
{
    public static NearestRounder Instance { get; } = new();

    /// <inheritdoc/>
    public QuantizedWeight ToBytes(ByteGrid grid, Func<long, PayloadWriter> newPayload) =>
        WeightRounding.Round(new SinglesReader(grid.Weight.Tensor, grid.Factor), grid.Weight.Axis, grid.Bound, grid.Scales, newPayload, grid.Sharing?.Levels(grid, null));

    /// <inheritdoc/>
    public CodebookWeight ToCodebook(CodebookGrid grid, Func<long, PayloadWriter> newPayload) => CodebookQuantizer.Round(grid.Weight, grid.Sharing.Codebook(grid.Weight, null), newPayload);

    /// <inheritdoc/>
    public BlockQuantizedWeight ToBlocks(LayerWeight weight, BlockGrid grid, Func<long, PayloadWriter> newPayload) =>
        BlockQuantizer.Round(new SinglesReader(weight.Tensor), grid, newPayload);
}
