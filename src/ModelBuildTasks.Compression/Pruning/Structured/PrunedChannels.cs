using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.SecondOrder;

namespace ModelBuildTasks.Compression.Pruning.Structured;

/// <summary>Takes channels of one group out of a model and lets their readers make up for it, to tell what that does to the outputs.</summary>
internal static class PrunedChannels
{
    /// <summary>Edits a model that is a load of the analysed one.</summary>
    /// <param name="model">The model.</param>
    /// <param name="channels">What was analysed.</param>
    /// <param name="group">The group.</param>
    /// <param name="removed">Those of its channels that go.</param>
    /// <param name="observed">What its readers read.</param>
    public static void Apply(OnnxModel model, ChannelGraph channels, ChannelGroup group, IReadOnlySet<int> removed, IReadOnlyDictionary<string, ObservedInputs> observed)
    {
        var graph = model.EditGraph();
        ChannelRemoval.Apply(graph, channels, removed);
        var readers = group.Readers.Where(reader => observed.ContainsKey(reader.Weight)).DistinctBy(reader => reader.Weight).ToDictionary(reader => reader.Node, StringComparer.Ordinal);
        foreach (var layer in ObservedLayer.Of(graph, (_, _) => true))
        {
            if (layer.Readers.Select(node => readers.GetValueOrDefault(node.Name)).FirstOrDefault(reader => reader is not null) is { } reader)
            {
                var places = ChannelRemoval.Kept(reader.Inputs!, position => !removed.Contains(channels.Classes.Of(position)));
                WrittenLayer.SetWeights(graph, layer, observed[reader.Weight].Remaining(places, reader.Inputs!.Length));
            }
        }

        graph.RemoveUnused();
        graph.Commit();
    }
}
