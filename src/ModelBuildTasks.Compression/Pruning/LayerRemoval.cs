using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Pruning.Blocks;
using ModelBuildTasks.Compression.Pruning.Structured;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression.Pruning;

/// <summary>Removes whole residual blocks, and so halves of a transformer's layers.</summary>
internal sealed class LayerRemoval
{
    /// <summary>The share of the work until blocks are chosen.</summary>
    private const double Chosen = 0.6;

    private readonly OnnxModel model;
    private readonly PruningContext context;
    private readonly WholeModel whole;
    private readonly Dictionary<string, double> products;
    private readonly List<ResidualBlock> removed = [];

    private LayerRemoval(OnnxModel model, PruningContext context, WholeModel whole, IEnumerable<ChannelLayer> layers)
    {
        (this.model, this.context, this.whole) = (model, context, whole);
        products = layers.ToDictionary(layer => layer.Node, layer => layer.Products * layer.OutputCount * layer.InputCount, StringComparer.Ordinal);
    }

    /// <summary>Prunes in place.</summary>
    /// <param name="model">The simplified model.</param>
    /// <param name="sparsity">The share that goes of the multiply-adds of all its blocks.</param>
    /// <param name="context">What is known beside the model.</param>
    public static PruningReport Apply(OnnxModel model, double sparsity, PruningContext context)
    {
        var before = LayerWeights.Of(model.EditGraph());
        var channels = ChannelAnalysis.Of(model, context.Samples?.Set, context.Samples?.Indices[0] ?? 0, context.CancellationToken);
        var blocks = ResidualBlock.Of(channels.Graph, channels.Dimensions);
        using var whole = new WholeModel(model, context);
        var decibels = new LayerRemoval(model, context, whole, channels.Layers).Remove(blocks, sparsity, channels);
        return before.Report(PruneMethod.Layers, sparsity, model.EditGraph(), _ => blocks.Count == 0 ? "the model has no residual block" : null, decibels);
    }

    private IReadOnlyDictionary<string, double> Remove(IReadOnlyList<ResidualBlock> blocks, double sparsity, ChannelGraph channels)
    {
        var all = products.Values.Sum();
        var target = all - (sparsity * (all - Left(blocks)));
        for (var left = all; left > target && Cheapest(blocks, left) is { } block;)
        {
            removed.Add(block);
            var now = Left(removed);
            context.Progress.Report(new PhaseProgress(Chosen * Math.Min(1, (all - now) / Math.Max(1, all - target)), $"{removed.Count} {block.Sum}"));
            left = now;
        }

        if (removed.Count == 0)
        {
            return new Dictionary<string, double>();
        }

        var graph = model.EditGraph();
        var changed = ChangedNodes.Behind(channels.Graph, removed.Select(block => channels.Graph.Nodes.First(node => node.Name == block.Sum).Output[0]));
        removed.ForEach(block => block.Remove(graph));
        graph.Proto.ValueInfo.Clear();
        graph.Commit();
        var effort = StructuredEffort.Of(context.Effort, channels.Layers);
        var kept = channels.Layers.Where(layer => changed.Contains(layer.Node)).ToDictionary(layer => layer.Node, layer => Enumerable.Range(0, layer.OutputCount).ToArray(), StringComparer.Ordinal);
        return whole.Fit(effort, context.Samples is { } samples ? SampleSpread.Of(samples.Indices, effort.Samples, samples.Set.States.Count > 0) : [], kept, Chosen);
    }

    // What each block cost when it was measured last, for the multiply-adds that it saves: it costs more, rarely less, once others are gone.
    private readonly Dictionary<ResidualBlock, double> prices = [];

    /// <summary>The block that costs least for what it saves, measured with all others gone that are; null where none is left.</summary>
    private ResidualBlock? Cheapest(IReadOnlyList<ResidualBlock> blocks, double left)
    {
        var measured = new HashSet<ResidualBlock>();
        while (blocks.Where(block => !removed.Contains(block)).OrderBy(block => prices.GetValueOrDefault(block, double.NegativeInfinity)).FirstOrDefault(block => prices.GetValueOrDefault(block) < double.PositiveInfinity) is { } block)
        {
            if (!measured.Add(block))
            {
                return block;
            }

            var saved = left - Left([.. removed, block]);
            prices[block] = saved > 0 ? Cost(block) / saved : double.PositiveInfinity;
        }

        return null;
    }

    /// <summary>The noise at the outputs without a block; without samples what its weights hold, as large ones add much to what passes by.</summary>
    private double Cost(ResidualBlock block) => context.Samples is not null ? whole.Noise(trial => Take(trial, [.. removed, block])) : Energy([.. removed]) - Energy([.. removed, block]);

    private double Left(IReadOnlyList<ResidualBlock> gone)
    {
        using var trial = whole.Load();
        return Take(trial, gone).Nodes.Sum(node => products.GetValueOrDefault(node.Name));
    }

    private double Energy(IReadOnlyList<ResidualBlock> gone)
    {
        using var trial = whole.Load();
        return LayerWeights.Energy(Take(trial, gone));
    }

    private static OnnxGraph Take(OnnxModel model, IReadOnlyList<ResidualBlock> gone)
    {
        var graph = model.EditGraph();
        foreach (var block in gone)
        {
            block.Remove(graph);
        }

        graph.Commit();
        return graph;
    }
}
