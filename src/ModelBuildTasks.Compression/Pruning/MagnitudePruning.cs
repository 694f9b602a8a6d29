using ModelBuildTasks.Compression.Kernels;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Pruning;

/// <summary>Prunes by the weights alone, which are read and written in parts, so that they may be larger than memory.</summary>
/// <param name="graph">The graph; it is edited.</param>
/// <param name="weights">Its weights that may lose some.</param>
/// <param name="report">Is told each weight that is done.</param>
/// <param name="cancellationToken">Ends it early.</param>
internal sealed class MagnitudePruning(OnnxGraph graph, IReadOnlyList<PrunableWeight> weights, Action<PrunableWeight, double?, string?> report, CancellationToken cancellationToken)
{
    /// <summary>Prunes to a share of all weights.</summary>
    /// <param name="most">How many each may lose.</param>
    /// <param name="total">How many go.</param>
    public void Run(IReadOnlyList<long> most, long total)
    {
        WeightCosts[] costs = [.. weights.Select(weight => new MagnitudeCosts(weight.Weight.Tensor))];
        cancellationToken.ThrowIfCancellationRequested();
        var counts = SparsityAllocation.Of(costs, most, total);
        for (var index = 0; index < weights.Count; index++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Mask(weights[index], SparsityAllocation.Select([costs[index]], counts[index]), costs[index]);
            report(weights[index], null, null);
        }
    }

    /// <summary>Prunes to a pattern.</summary>
    public void Run(SparsityPattern pattern)
    {
        foreach (var weight in weights)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var layout = PatternLayout.Of(pattern, weight);
            weight.Write(new WeightPruner(weight, layout).Prune(layout.Removed).Values);
            report(weight, null, null);
        }
    }

    private void Mask(PrunableWeight weight, MagnitudeThreshold threshold, WeightCosts costs)
    {
        var values = new BytesReader(weight.Weight.Tensor);
        var size = weight.Weight.Tensor.ElementType().Bits() / 8;
        var writer = graph.NewPayload(values.Length);
        var (offset, ties, mask) = (0L, threshold.Ties, Array.Empty<float>());
        costs.Visit(part =>
        {
            mask = mask.Length < part.Length ? new float[part.Length] : mask;
            var kept = mask.AsSpan(0, part.Length);
            kept.Fill(1);
            MagnitudeMask.ZeroBelow(kept, part, threshold, ref ties);
            var bytes = values.Read(offset, part.Length * size).ToArray();
            PrunableWeight.ClearZeros(kept, bytes, size);
            writer.Append(bytes);
            offset += bytes.Length;
        });
        weight.Write(writer.Finish());
    }
}
