namespace ModelBuildTasks.Compression.Pruning.Structured;

/// <summary>Channels that lie along the same axes: each of them may go or stay, and takes with it what is of its class.</summary>
/// <param name="Channels">The classes of the channels, in the order in which they lie along the first layer's weight.</param>
/// <param name="Writers">The layers whose outputs they are.</param>
/// <param name="Readers">The layers that take them as inputs.</param>
/// <param name="Unit">By how many channels their number is made smaller.</param>
internal sealed record ChannelGroup(int[] Channels, IReadOnlyList<ChannelLayer> Writers, IReadOnlyList<ChannelLayer> Readers, int Unit)
{
    /// <summary>Kernels compute blocks of so many channels: what is left of a block is computed in vain.</summary>
    private const int Block = 8;

    private const int WideBlock = 16;

    /// <summary>The groups of an analysed graph, in the order in which their first layers run.</summary>
    public static IReadOnlyList<ChannelGroup> Of(ChannelGraph graph)
    {
        var places = Places(graph);
        var found = new OrderedDictionary<string, List<int>>(StringComparer.Ordinal);
        var known = new HashSet<int>();
        foreach (var channel in graph.Layers.SelectMany(layer => layer.Outputs ?? []).Where(position => graph.Classes.WhyKept(position) is null).Select(graph.Classes.Of).Where(known.Add))
        {
            var key = string.Join(',', places[channel]);
            if (!found.TryGetValue(key, out var channels))
            {
                found.Add(key, channels = []);
            }

            channels.Add(channel);
        }

        return [.. found.Values.Where(channels => channels.Count > 1).Select(channels => Of(graph, [.. channels]))];
    }

    private static ChannelGroup Of(ChannelGraph graph, int[] channels)
    {
        var own = channels.ToHashSet();
        bool Has(int[]? positions) => positions?.Any(position => own.Contains(graph.Classes.Of(position))) == true;
        var writers = graph.Layers.Where(layer => Has(layer.Outputs)).ToArray();
        // A depthwise convolution reads what it writes.
        var readers = graph.Layers.Where(layer => Has(layer.Inputs)).ToArray();
        var wide = writers.Max(layer => layer.Outputs!.Count(position => graph.Classes.Of(position) == channels[0]));
        // Of heads, a single one is a block already.
        var unit = wide > 1 ? 1 : channels.Length >= 4 * WideBlock ? WideBlock : channels.Length >= 2 * Block ? Block : 1;
        return new(channels, writers, readers, unit);
    }

    /// <summary>The axes along which each class lies, by their numbers.</summary>
    private static Dictionary<int, List<int>> Places(ChannelGraph graph)
    {
        var places = new Dictionary<int, List<int>>();
        var axes = graph.Values.SelectMany(value => value.Value).OfType<int[]>().Distinct<int[]>(ReferenceEqualityComparer.Instance).ToArray();
        for (var axis = 0; axis < axes.Length; axis++)
        {
            foreach (var position in axes[axis])
            {
                var channel = graph.Classes.Of(position);
                if (!places.TryGetValue(channel, out var own))
                {
                    places.Add(channel, own = []);
                }

                if (own.Count == 0 || own[^1] != axis)
                {
                    own.Add(axis);
                }
            }
        }

        return places;
    }
}
