using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>Weights that were rounded before they are written; all others become the nearest values.</summary>
internal sealed class RoundedWeights : IWeightRounder
{
    private readonly Dictionary<string, RoundedWeight> weights = new(StringComparer.Ordinal);
    private readonly Dictionary<string, double> outputSqnrs = new(StringComparer.Ordinal);

    /// <summary>Keeps what a weight became.</summary>
    public void Add(RoundedLayer layer, RoundedWeight weight)
    {
        weights.Add(weight.Target.Weight.Name, weight);
        foreach (var reader in layer.Readers)
        {
            outputSqnrs[reader.DisplayName()] = weight.SqnrDb;
        }
    }

    /// <summary>The SQNR in dB of a layer's output; null where its weight was not rounded before.</summary>
    public double? OutputSqnrDb(string layer) => outputSqnrs.TryGetValue(layer, out var sqnr) ? sqnr : null;

    /// <inheritdoc/>
    public QuantizedWeight ToBytes(ByteGrid grid, Func<long, PayloadWriter> newPayload) =>
        weights.GetValueOrDefault(grid.Weight.Name) is { Target: ByteTarget target } rounded && target.IsIn(grid)
            ? target.Quantized(grid.Weight, rounded.Levels, newPayload)
            : NearestRounder.Instance.ToBytes(grid, newPayload);

    /// <inheritdoc/>
    public CodebookWeight ToCodebook(CodebookGrid grid, Func<long, PayloadWriter> newPayload) =>
        weights.GetValueOrDefault(grid.Weight.Name) is { Target: CodebookTarget target } rounded && target.IsIn(grid)
            ? target.Stored(grid.Weight, rounded.Levels, newPayload)
            : NearestRounder.Instance.ToCodebook(grid, newPayload);

    /// <inheritdoc/>
    public BlockQuantizedWeight ToBlocks(LayerWeight weight, BlockGrid grid, Func<long, PayloadWriter> newPayload) =>
        weights.GetValueOrDefault(weight.Name) is { Target: BlockTarget target } rounded && target.Is(grid)
            ? target.Quantized(weight, rounded.Levels, newPayload)
            : NearestRounder.Instance.ToBlocks(weight, grid, newPayload);
}
