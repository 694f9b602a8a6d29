using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.WeightSharing;

/// <summary>Lets the bytes of each weight share some levels, so that the integer kernels run as with all of them.</summary>
/// <param name="rounder">Rounds to these levels.</param>
/// <param name="sharing">Chooses them.</param>
internal sealed class SharingRounder(IWeightRounder rounder, IValueSharing sharing) : IWeightRounder
{
    /// <inheritdoc/>
    public QuantizedWeight ToBytes(ByteGrid grid, Func<long, PayloadWriter> newPayload) => rounder.ToBytes(grid with { Sharing = sharing }, newPayload);

    /// <inheritdoc/>
    public CodebookWeight ToCodebook(CodebookGrid grid, Func<long, PayloadWriter> newPayload) => rounder.ToCodebook(grid, newPayload);

    /// <inheritdoc/>
    public BlockQuantizedWeight ToBlocks(LayerWeight weight, BlockGrid grid, Func<long, PayloadWriter> newPayload) => rounder.ToBlocks(weight, grid, newPayload);
}
