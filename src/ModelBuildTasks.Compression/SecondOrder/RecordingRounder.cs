using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>Rounds to the nearest and remembers which weights were to be rounded to what: so a plan is asked for it without being made in another way.</summary>
internal sealed class RecordingRounder : IWeightRounder
{
    private readonly OrderedDictionary<string, RoundingTarget> targets = new(StringComparer.Ordinal);
    private readonly HashSet<string> ambiguous = new(StringComparer.Ordinal);

    /// <summary>The weights by their names, each stored in one way only.</summary>
    public IReadOnlyDictionary<string, RoundingTarget> Targets => targets.Where(target => !ambiguous.Contains(target.Key)).ToDictionary(StringComparer.Ordinal);

    /// <inheritdoc/>
    public QuantizedWeight ToBytes(ByteGrid grid, Func<long, PayloadWriter> newPayload)
    {
        Note(new ByteTarget(grid));
        return NearestRounder.Instance.ToBytes(grid, newPayload);
    }

    /// <inheritdoc/>
    public CodebookWeight ToCodebook(CodebookGrid grid, Func<long, PayloadWriter> newPayload)
    {
        Note(new CodebookTarget(grid));
        return NearestRounder.Instance.ToCodebook(grid, newPayload);
    }

    /// <inheritdoc/>
    public BlockQuantizedWeight ToBlocks(LayerWeight weight, BlockGrid grid, Func<long, PayloadWriter> newPayload)
    {
        Note(new BlockTarget(weight, grid));
        return NearestRounder.Instance.ToBlocks(weight, grid, newPayload);
    }

    // One that is stored twice, along two axes or for products with two factors, has more than one value to be rounded to.
    private void Note(RoundingTarget target)
    {
        if (!targets.TryAdd(target.Weight.Name, target))
        {
            ambiguous.Add(target.Weight.Name);
        }
    }
}
