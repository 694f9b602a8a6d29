using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Pruning.Structured;
using ModelBuildTasks.Compression.Reporting;
using ModelBuildTasks.Compression.SecondOrder;
using ModelBuildTasks.Compression.Calibration;

namespace ModelBuildTasks.Compression.Pruning;

/// <summary>Removes whole channels, through everything that must keep as many.</summary>
internal sealed class StructuredPruning : IDisposable
{
    private readonly OnnxModel model;
    private readonly PruningContext context;
    private readonly string folder = Directory.CreateTempSubdirectory("ModelBuildTasks.").FullName;
    private readonly ChannelGraph channels;
    private readonly IReadOnlyList<ChannelGroup> groups;
    private readonly RoundingEffort effort;
    private readonly IReadOnlyList<int> indices;

    private StructuredPruning(OnnxModel model, PruningContext context)
    {
        (this.model, this.context) = (model, context);
        effort = RoundingEffort.Of(context.Effort);
        var samples = context.Samples;
        indices = samples is null ? [] : SampleSpread.Of(samples.Indices, effort.Samples, samples.Set.States.Count > 0);
        channels = ChannelAnalysis.Of(model.EditGraph(), ValueDimensions.Of(model, samples?.Set, samples is null ? 0 : indices[0], context.CancellationToken), model.Opset);
        groups = ChannelGroup.Of(channels);
    }

    private string WholePath => Path.Combine(folder, "whole.onnx");

    /// <summary>Prunes in place.</summary>
    /// <param name="model">The simplified model.</param>
    /// <param name="sparsity">The share of the multiply-adds that goes, of the layers that lose channels at all.</param>
    /// <param name="context">What is known beside the model.</param>
    public static PruningReport Apply(OnnxModel model, double sparsity, PruningContext context)
    {
        using var pruning = new StructuredPruning(model, context);
        var before = LayerWeights.Of(model.EditGraph());
        var decibels = pruning.groups.Count == 0 ? new Dictionary<string, double>() : pruning.Prune(sparsity);
        return before.Report(PruneMethod.Structured, sparsity, model.EditGraph(), pruning.channels.WhyNot, decibels);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private IReadOnlyDictionary<string, double> Prune(double sparsity)
    {
        model.SaveOfAnySize(WholePath);
        var costs = new List<(EliminationOrder Order, double Scale)>();
        foreach (var (group, observed) in Observed())
        {
            var order = ChannelCosts.Order(channels.Graph, channels, group, observed, context.CancellationToken);
            costs.Add((order, Scale(group, order, observed)));
            context.Progress.Report(new PhaseProgress(0.6 * costs.Count / groups.Count, $"{costs.Count}/{groups.Count} {group.Writers[0].Node}: {group.Channels.Length} channels"));
        }

        var kept = ChannelBudget.Choose(groups, ChannelProducts.Of(channels, groups), (group, stays) => costs[group].Scale * costs[group].Order.Errors[groups[group].Channels.Length - stays], sparsity);
        var removed = groups.SelectMany((group, index) => costs[index].Order.Channels.Take(group.Channels.Length - kept[index])).ToHashSet();
        var changed = ChangedNodes.Of(channels, removed);
        var graph = model.EditGraph();
        ChannelRemoval.Apply(graph, channels, removed);
        graph.Commit();
        return Reconstruct(removed, changed);
    }

    private IEnumerable<(ChannelGroup Group, IReadOnlyDictionary<string, ObservedInputs> Observed)> Observed() => context.Samples is { } samples
        ? new GroupObservation(model, samples.Set, indices, effort, context.CancellationToken).Each(channels.Graph, groups)
        : groups.Select(group => (group, (IReadOnlyDictionary<string, ObservedInputs>)new Dictionary<string, ObservedInputs>()));

    /// <summary>How much noise at the outputs a group's own error makes: measured where half of what may go is gone, the others still there.</summary>
    private double Scale(ChannelGroup group, EliminationOrder order, IReadOnlyDictionary<string, ObservedInputs> observed)
    {
        var count = group.Channels.Length - ChannelBudget.Steps(group).OrderBy(kept => Math.Abs((2 * kept) - group.Channels.Length)).First();
        if (context.Samples is null || order.Errors[count] <= 0)
        {
            return 1;
        }

        using var trial = OnnxModel.Load(WholePath, model.Path, folder);
        PrunedChannels.Apply(trial, channels, group, order.Channels.Take(count).ToHashSet(), observed);
        return Noise.Measure(trial, context.CancellationToken) / order.Errors[count];
    }

    private OutputNoise? noise;

    private OutputNoise Noise => noise ??= OutputNoise.Of(model, context.Samples!, context.CancellationToken);

    private IReadOnlyDictionary<string, double> Reconstruct(HashSet<int> removed, IReadOnlySet<string> changed)
    {
        if (context.Samples is not { } samples || removed.Count == 0)
        {
            return new Dictionary<string, double>();
        }

        using var whole = OnnxModel.Load(WholePath, model.Path, folder);
        var outputs = channels.Layers.Where(layer => changed.Contains(layer.Node))
            .ToDictionary(layer => layer.Node, layer => layer.Outputs is { } positions ? ChannelRemoval.Kept(positions, position => !removed.Contains(channels.Classes.Of(position))) : [.. Enumerable.Range(0, layer.OutputCount)], StringComparer.Ordinal);
        return new Reconstruction(whole, model, samples.Set, indices, effort, context.CancellationToken).Run(
            outputs.GetValueOrDefault,
            (done, count, name, decibels) => context.Progress.Report(new PhaseProgress(0.6 + (0.4 * done / count), FormattableString.Invariant($"{done}/{count} {name}: {decibels:0.0} dB"))));
    }
}
