namespace ModelBuildTasks.Compression.Pruning.Structured;

/// <summary>The multiply-adds of the layers that groups of channels are of, by how many channels of each group stay.</summary>
internal sealed class ChannelProducts
{
    private readonly Part[] layers;
    private readonly int[] sizes;

    private ChannelProducts(Part[] layers, int[] sizes) => (this.layers, this.sizes) = (layers, sizes);

    /// <summary>Those of all layers with a channel that may go.</summary>
    public static ChannelProducts Of(ChannelGraph graph, IReadOnlyList<ChannelGroup> groups)
    {
        var groupOf = groups.SelectMany((group, index) => group.Channels.Select(channel => (channel, index))).ToDictionary(each => each.channel, each => each.index);
        var layers = graph.Layers.Select(layer => new Part(layer.Products, Side(layer.Outputs, layer.OutputCount), Side(layer.Inputs, layer.InputCount)));
        return new([.. layers.Where(layer => layer.Outputs.Groups.Count + layer.Inputs.Groups.Count > 0)], [.. groups.Select(group => group.Channels.Length)]);

        Side Side(int[]? positions, int count)
        {
            var own = (positions ?? []).Select(position => groupOf.GetValueOrDefault(graph.Classes.Of(position), -1)).Where(group => group >= 0).CountBy(group => group).OrderBy(each => each.Key).Select(each => (each.Key, each.Value)).ToArray();
            return new(count - own.Sum(each => each.Value), own);
        }
    }

    /// <summary>The multiply-adds of a run where so many channels of each group stay.</summary>
    public double Of(IReadOnlyList<int> kept) => layers.Sum(layer => layer.Products * layer.Outputs.Count(kept, sizes) * layer.Inputs.Count(kept, sizes));

    private sealed record Part(double Products, Side Outputs, Side Inputs);

    private sealed record Side(int Fixed, IReadOnlyList<(int Group, int Positions)> Groups)
    {
        public double Count(IReadOnlyList<int> kept, int[] sizes)
        {
            var count = (double)Fixed;
            foreach (var (group, positions) in Groups)
            {
                count += (double)positions * kept[group] / sizes[group];
            }

            return count;
        }
    }
}
