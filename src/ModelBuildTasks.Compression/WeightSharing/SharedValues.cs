using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Kernels;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.WeightSharing;

/// <summary>
/// Chooses the values that weights share so that Σ h·e² is least, e being the errors of weights and h what these do to the layer's output (Choi et al. 2017, "Towards the Limit of Network Quantization": k-means weighted by the
/// diagonal of the Hessian). Floats are clustered (Han et al. 2016, "Deep Compression"); levels of bytes, of which there are few, are chosen without any approximation.
/// </summary>
/// <param name="Options">How many values, and which weights share them.</param>
internal sealed record SharedValues(SharingOptions Options) : IValueSharing
{
    /// <summary>Values of a codebook are settled by so many weights of a group; more are taken evenly.</summary>
    private const long MostWeights = 1 << 22;

    /// <inheritdoc/>
    public int Values => Options.Values;

    /// <inheritdoc/>
    public int? Channels => Options.Channels;

    /// <inheritdoc/>
    public Codebook Codebook(LayerWeight weight, InputImportances? importances)
    {
        var groupChannels = GroupChannels(weight.Axis);
        var groups = Groups(weight.Axis, groupChannels);
        var values = new SinglesReader(weight.Tensor);
        // Odd, as most dimensions are even: weights of all channels are taken.
        var step = values.Count <= MostWeights ? 1 : (int)(values.Count / MostWeights) | 1;
        var (taken, counts, buffer) = (new List<float>[groups], new List<float>[groups], new float[Math.Min(values.Count, SinglesReader.LongestPart)]);
        for (var group = 0; group < groups; group++)
        {
            (taken[group], counts[group]) = ([], []);
        }

        var hasZeros = false;
        foreach (var block in weight.Axis.Blocks(SinglesReader.LongestPart))
        {
            var part = values.Read(block.Start, block.Length);
            hasZeros |= part.Contains(0);
            importances?.Read(block.Start, buffer.AsSpan(0, block.Length));
            foreach (var (start, length, group) in block.Runs(groupChannels))
            {
                for (var i = start + First(block.Start + start, step); i < start + length; i += step)
                {
                    taken[group].Add(part[i]);
                    if (importances is not null)
                    {
                        counts[group].Add(buffer[i]);
                    }
                }
            }
        }

        var codebooks = taken.Select((each, group) => KMeans.Of(AsSpan(each), AsSpan(counts[group]), Values, hasZeros)).ToArray();
        var count = Math.Max(1, codebooks.Max(each => each.Length));
        return new Codebook([.. codebooks.SelectMany(each => Enumerable.Range(0, count).Select(index => each.Length == 0 ? 0 : each[Math.Min(index, each.Length - 1)]))], count, groupChannels);
    }

    /// <inheritdoc/>
    public LevelSets Levels(ByteGrid grid, InputImportances? importances)
    {
        var (axis, scales) = (grid.Weight.Axis, WeightQuantizer.Positive(grid.Scales));
        var groupChannels = GroupChannels(axis);
        var histograms = Enumerable.Range(0, Groups(axis, groupChannels)).Select(_ => new LevelHistogram()).ToArray();
        var values = new SinglesReader(grid.Weight.Tensor, grid.Factor);
        var buffer = new float[Math.Min(values.Count, SinglesReader.LongestPart)];
        buffer.AsSpan().Fill(1);
        foreach (var block in axis.Blocks(SinglesReader.LongestPart))
        {
            var part = values.Read(block.Start, block.Length);
            importances?.Read(block.Start, buffer.AsSpan(0, block.Length));
            for (var start = 0; start < part.Length; start += block.Inner)
            {
                var channel = block.FirstChannel + (start / block.Inner % block.Channels);
                var (histogram, scale) = (histograms[channel / groupChannels], (double)scales[channel]);
                for (var i = start; i < start + block.Inner; i++)
                {
                    // An error of one level is one of a scale.
                    histogram.Add(part[i] / scale, buffer[i] * scale * scale);
                }
            }
        }

        // Of two weights with a level above half of the limit no pair would be possible.
        var largestLeast = (grid.Bound?.Limit ?? PairBound.NoLimit) / 2;
        return new LevelSets([.. histograms.Select(histogram => histogram.Choose(Values, largestLeast))], groupChannels);
    }

    private static ReadOnlySpan<float> AsSpan(List<float> list) => CollectionsMarshal.AsSpan(list);

    private static int First(long start, int step) => (int)((step - (start % step)) % step);

    private static int Groups(ChannelAxis axis, int groupChannels) => (axis.Channels + groupChannels - 1) / groupChannels;

    private int GroupChannels(ChannelAxis axis) => Math.Min(Channels ?? axis.Channels, axis.Channels);
}
