using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>A weight that becomes levels of four bits.</summary>
/// <param name="Weight">The weight.</param>
/// <param name="Blocks">The values it may have.</param>
internal sealed record BlockTarget(LayerWeight Weight, BlockGrid Blocks) : RoundingTarget(Weight)
{
    /// <inheritdoc/>
    public override string Format => "int4";

    /// <inheritdoc/>
    public override IRoundingGrid Grid(LayerInputs inputs, int first, int count) => new BlockRounding(Blocks, first, count);

    /// <inheritdoc/>
    public override bool Fits(LayerInputs inputs) => Blocks.Layout.Depth == inputs.Depth && Blocks.Layout.Rows == inputs.Outputs * inputs.Groups;

    /// <inheritdoc/>
    public override IEnumerable<RestoredPart> Restored(LayerWeight weight, sbyte[] levels) => Quantized(weight, levels, length => new PayloadWriter(length)).Restored();

    /// <summary>The weight with levels that were chosen.</summary>
    public BlockQuantizedWeight Quantized(LayerWeight weight, sbyte[] levels, Func<long, PayloadWriter> newPayload) =>
        BlockQuantizer.Pack(new SinglesReader(weight.Tensor), Blocks, MemoryMarshal.AsBytes<sbyte>(levels).ToArray(), newPayload);

    /// <summary>Whether a grid has the same values.</summary>
    public bool Is(BlockGrid grid) => grid.Layout == Blocks.Layout && grid.Scales.AsSpan().SequenceEqual(Blocks.Scales)
        && (grid.ZeroPoints is null ? Blocks.ZeroPoints is null : Blocks.ZeroPoints is { } known && grid.ZeroPoints.AsSpan().SequenceEqual(known));
}
