using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>Rounds to the nearest and remembers which weights were to be rounded to what: so a plan is asked for its grids without being made twice.</summary>
internal sealed class RecordingRounder : IWeightRounder
{
    private readonly OrderedDictionary<string, ByteGrid> bytes = new(StringComparer.Ordinal);
    private readonly HashSet<string> inBlocks = new(StringComparer.Ordinal);
    private readonly HashSet<string> ambiguous = new(StringComparer.Ordinal);

    /// <summary>The weights that become signed bytes, each in one way only. Their tensors are gone once the model is.</summary>
    public IEnumerable<ByteGrid> Bytes => bytes.Values.Where(grid => !ambiguous.Contains(grid.Weight.Name));

    /// <inheritdoc/>
    public QuantizedWeight ToBytes(ByteGrid grid, Func<long, PayloadWriter> newPayload)
    {
        Note(grid.Weight.Name, bytes.TryAdd(grid.Weight.Name, grid));
        return NearestRounder.Instance.ToBytes(grid, newPayload);
    }

    /// <inheritdoc/>
    public BlockQuantizedWeight ToBlocks(LayerWeight weight, BlockLayout layout, BlockOptions options, Func<long, PayloadWriter> newPayload)
    {
        Note(weight.Name, inBlocks.Add(weight.Name));
        return NearestRounder.Instance.ToBlocks(weight, layout, options, newPayload);
    }

    // One that is stored twice, along two axes or for products with two factors, has more than one value to be rounded to.
    private void Note(string weight, bool isFirst)
    {
        if (!isFirst || (bytes.ContainsKey(weight) && inBlocks.Contains(weight)))
        {
            ambiguous.Add(weight);
        }
    }
}
