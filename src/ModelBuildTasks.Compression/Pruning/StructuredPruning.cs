using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Pruning.Structured;
using ModelBuildTasks.Compression.Reporting;
using ModelBuildTasks.Compression.SecondOrder;

namespace ModelBuildTasks.Compression.Pruning;

/// <summary>Removes whole channels, through everything that must keep as many.</summary>
internal sealed class StructuredPruning
{
    /// <summary>The share of the work until channels are chosen.</summary>
    private const double Chosen = 0.6;

    private readonly OnnxModel model;
    private readonly PruningContext context;
    private readonly ChannelGraph channels;
    private readonly IReadOnlyList<ChannelGroup> groups;
    private readonly RoundingEffort effort;
    private readonly IReadOnlyList<int> indices;

    private StructuredPruning(OnnxModel model, PruningContext context)
    {
        (this.model, this.context) = (model, context);
        channels = ChannelAnalysis.Of(model, context.Samples?.Set, context.Samples?.Indices[0] ?? 0, context.CancellationToken);
        groups = ChannelGroup.Of(channels);
        effort = StructuredEffort.Of(context.Effort, channels.Layers);
        indices = context.Samples is { } samples ? SampleSpread.Of(samples.Indices, effort.Samples, samples.Set.States.Count > 0) : [];
    }

    /// <summary>Prunes in place.</summary>
    /// <param name="model">The simplified model.</param>
    /// <param name="sparsity">The share of the multiply-adds that goes, of the layers that can lose channels at all.</param>
    /// <param name="context">What is known beside the model.</param>
    public static PruningReport Apply(OnnxModel model, double sparsity, PruningContext context)
    {
        var before = LayerWeights.Of(model.EditGraph());
        var pruning = new StructuredPruning(model, context);
        var decibels = pruning.groups.Count == 0 ? new Dictionary<string, double>() : pruning.Prune(sparsity);
        return before.Report(PruneMethod.Structured, sparsity, model.EditGraph(), pruning.channels.WhyNot, decibels);
    }

    private IReadOnlyDictionary<string, double> Prune(double sparsity)
    {
        using var whole = new WholeModel(model, context);
        var costs = new List<(EliminationOrder Order, double Scale)>();
        foreach (var (group, observed) in Observed())
        {
            var order = ChannelCosts.Order(channels.Graph, channels, group, observed, context.CancellationToken);
            costs.Add((order, Scale(whole, group, order, observed)));
            context.Progress.Report(new PhaseProgress(Chosen * costs.Count / groups.Count, $"{costs.Count}/{groups.Count} {group.Writers[0].Node}: {group.Channels.Length} channels"));
        }

        var kept = ChannelBudget.Choose(groups, ChannelProducts.Of(channels, groups), (group, stays) => costs[group].Scale * costs[group].Order.Errors[groups[group].Channels.Length - stays], sparsity);
        var removed = groups.SelectMany((group, index) => costs[index].Order.Channels.Take(group.Channels.Length - kept[index])).ToHashSet();
        var changed = ChangedNodes.Of(channels, removed);
        var outputs = channels.Layers.Where(layer => changed.Contains(layer.Node)).ToDictionary(layer => layer.Node, layer => ChannelRemoval.KeptOutputs(layer, channels, removed), StringComparer.Ordinal);
        var graph = model.EditGraph();
        ChannelRemoval.Apply(graph, channels, removed);
        graph.Commit();
        return whole.Fit(effort, indices, outputs, Chosen);
    }

    private IEnumerable<(ChannelGroup Group, IReadOnlyDictionary<string, ObservedInputs> Observed)> Observed() => context.Samples is { } samples
        ? new GroupObservation(model, samples.Set, indices, effort, context.CancellationToken).Each(channels.Graph, groups)
        : groups.Select(group => (group, (IReadOnlyDictionary<string, ObservedInputs>)new Dictionary<string, ObservedInputs>()));

    /// <summary>How much noise at the outputs a group's own error makes: measured where half of it is gone, all others still there.</summary>
    private double Scale(WholeModel whole, ChannelGroup group, EliminationOrder order, IReadOnlyDictionary<string, ObservedInputs> observed)
    {
        var count = group.Channels.Length - ChannelBudget.Steps(group).MinBy(kept => Math.Abs((2 * kept) - group.Channels.Length));
        return context.Samples is null || order.Errors[count] <= 0 ? 1
            : whole.Noise(trial => PrunedChannels.Apply(trial, channels, group, order.Channels.Take(count).ToHashSet(), observed)) / order.Errors[count];
    }
}
