using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.SecondOrder;

namespace ModelBuildTasks.Compression.Pruning.Structured;

/// <summary>What was observed of a layer's inputs.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Rows">Of how many rows the Hessians are the means.</param>
/// <param name="Hessians">The lower triangle of each group's.</param>
internal sealed record ObservedInputs(ObservedLayer Layer, long Rows, IReadOnlyList<double[]> Hessians)
{
    /// <summary>The weights of each group, [depth, outputs].</summary>
    public IEnumerable<double[]> Matrices()
    {
        var reader = new SinglesReader(Layer.Weight.Tensor);
        for (var group = 0; group < Layer.Inputs.Groups; group++)
        {
            var matrix = new double[Layer.Inputs.Depth * Layer.Inputs.Outputs];
            Layer.Inputs.Weights.Read(reader, group, matrix);
            yield return matrix;
        }
    }

    /// <summary>The rows of a group's matrix that belong to channels, by their classes.</summary>
    /// <param name="positions">The positions along the input channels of the layer's weight.</param>
    /// <param name="classes">Their classes.</param>
    /// <param name="wanted">The channels.</param>
    public IReadOnlyDictionary<int, int[]> RowsOf(int[] positions, ChannelClasses classes, IReadOnlySet<int> wanted)
    {
        var taps = Layer.Inputs.Depth / positions.Length;
        return positions.Select((position, place) => (Channel: classes.Of(position), place)).Where(each => wanted.Contains(each.Channel)).GroupBy(each => each.Channel)
            .ToDictionary(each => each.Key, each => each.SelectMany(one => Enumerable.Range(one.place * taps, taps)).ToArray());
    }

    /// <summary>The weights of each group, [inputs that stay, outputs], that make up best for the others being gone.</summary>
    /// <param name="places">The places along the input channels of the layer's weight that stay.</param>
    /// <param name="count">How many places there are.</param>
    public IEnumerable<double[]> Remaining(int[] places, int count)
    {
        var taps = Layer.Inputs.Depth / count;
        int[] kept = [.. places.SelectMany(place => Enumerable.Range(place * taps, taps))];
        return Matrices().Select((matrix, group) => LeastSquares.Remaining(Hessians[group], Rows, matrix, kept));
    }
}
