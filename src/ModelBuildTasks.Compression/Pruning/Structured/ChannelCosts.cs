using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.Pruning.Structured;

/// <summary>What channels of a group cost that go: second order where what the group's readers read was observed, else by the share of the weights that goes with them.</summary>
internal static class ChannelCosts
{
    /// <summary>The order in which channels of a group go.</summary>
    /// <param name="graph">The graph as it is.</param>
    /// <param name="channels">Its channels.</param>
    /// <param name="group">The group.</param>
    /// <param name="observed">What its readers read, by the names of their weights.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public static EliminationOrder Order(OnnxGraph graph, ChannelGraph channels, ChannelGroup group, IReadOnlyDictionary<string, ObservedInputs> observed, CancellationToken cancellationToken)
    {
        var wanted = group.Channels.ToHashSet();
        var layers = new List<EliminatedLayer>();
        var shares = group.Channels.ToDictionary(channel => channel, _ => 0.0);
        foreach (var reader in group.Readers.DistinctBy(reader => reader.Weight))
        {
            if (observed.TryGetValue(reader.Weight, out var inputs))
            {
                var rows = inputs.RowsOf(reader.Inputs!, channels.Classes, wanted);
                layers.AddRange(inputs.Matrices().Select((matrix, index) => EliminatedLayer.Of(inputs.Hessians[index], inputs.Rows, matrix, inputs.Layer.Inputs.Outputs, rows)));
            }
            else
            {
                AddShares(reader.Weight, reader.Inputs!);
            }
        }

        if (layers.Count == 0)
        {
            // What is read of a channel, times what is there to read: filters of zeros are worth nothing, nor is what nobody reads.
            var read = group.Readers.Count == 0 ? null : new Dictionary<int, double>(shares);
            group.Channels.ToList().ForEach(channel => shares[channel] = 0);
            foreach (var writer in group.Writers.DistinctBy(writer => writer.Weight))
            {
                AddShares(writer.Weight, writer.Outputs!);
            }

            shares = group.Channels.ToDictionary(channel => channel, channel => shares[channel] * (read?[channel] ?? 1));
        }

        return EliminationOrder.Of(group.Channels, group.Channels.Length - ChannelBudget.Least(group), layers, shares, cancellationToken);

        void AddShares(string weight, int[] positions)
        {
            var tensor = graph.Constant(weight)!;
            var axis = Array.FindIndex(channels.Values.First(value => value.Key == weight).Value, own => ReferenceEquals(own, positions));
            var energies = Energies(tensor, axis);
            var all = Math.Max(energies.Sum(), double.Epsilon);
            for (var place = 0; place < positions.Length; place++)
            {
                if (wanted.Contains(channels.Classes.Of(positions[place])))
                {
                    shares[channels.Classes.Of(positions[place])] += energies[place] / all;
                }
            }
        }
    }

    /// <summary>Σ w² of what lies at each place along an axis.</summary>
    private static double[] Energies(TensorProto tensor, int axis)
    {
        var channels = ChannelAxis.Of(tensor, axis);
        var energies = new double[channels.Channels];
        var reader = new SinglesReader(tensor);
        foreach (var block in channels.Blocks(SinglesReader.LongestPart))
        {
            var part = reader.Read(block.Start, block.Length);
            for (var index = 0; index < part.Length; index++)
            {
                energies[block.FirstChannel + (index / block.Inner % block.Channels)] += (double)part[index] * part[index];
            }
        }

        return energies;
    }
}
