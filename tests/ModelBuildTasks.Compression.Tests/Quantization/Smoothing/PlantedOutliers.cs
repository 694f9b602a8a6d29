using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Smoothing;

namespace ModelBuildTasks.Compression.Tests.Quantization.Smoothing;

/// <summary>Gives a model channels of activations that are much larger than the others, as large transformers have them, and leaves its function as it is.</summary>
internal static class PlantedOutliers
{
    private const int Least = 30;
    private const int Most = 100;

    /// <summary>Makes some channels behind each layer normalization 30 to 100 times as large, and the weights that read them as much smaller.</summary>
    /// <param name="model">The model, which is edited.</param>
    /// <param name="channels">How many channels of each.</param>
    /// <param name="seed">Which channels, and how much.</param>
    public static void Scale(OnnxModel model, int channels, int seed) => ForEach(model, channels, seed, (graph, activation, channel, random) =>
    {
        var factor = Least + (random.NextSingle() * (Most - Least));
        foreach (var row in activation.Source.Rows)
        {
            Change(graph, row, (values, _) => values[channel] *= factor);
        }

        foreach (var layer in activation.Layers)
        {
            Change(graph, new NodeInput(layer, 1), (values, columns) =>
            {
                foreach (ref var weight in values.AsSpan(channel * columns, columns))
                {
                    weight /= factor;
                }
            });
        }
    });

    /// <summary>Adds 30 to 100 to some channels behind each layer normalization, and takes what that adds to each product off its bias: such channels are always large, and the weights that read them are as large as others.</summary>
    /// <inheritdoc cref="Scale"/>
    public static void Shift(OnnxModel model, int channels, int seed) => ForEach(model, channels, seed, (graph, activation, channel, random) =>
    {
        var offset = (Least + (random.NextSingle() * (Most - Least))) * (random.Next(2) == 0 ? 1 : -1);
        Change(graph, activation.Source.Rows[^1], (values, _) => values[channel] += offset);
        foreach (var layer in activation.Layers)
        {
            var (sum, index) = graph.Consumers(layer.Output[0]).Single();
            var weights = graph.Constant(layer.Input[1])!.Singles().ToArray();
            Change(graph, new NodeInput(sum, 1 - index), (values, columns) =>
            {
                for (var column = 0; column < columns; column++)
                {
                    values[column] -= offset * weights[(channel * columns) + column];
                }
            });
        }
    });

    private static void ForEach(OnnxModel model, int channels, int seed, Action<OnnxGraph, SmoothedActivation, int, Random> plant)
    {
        var graph = model.EditGraph();
        var random = new Random(seed);
        foreach (var activation in SmoothedActivation.Of(graph).Where(activation => graph.Producer(activation.Value)!.OpType == "LayerNormalization").ToArray())
        {
            foreach (var channel in Enumerable.Range(0, activation.Channels).OrderBy(_ => random.Next()).Take(channels).ToArray())
            {
                plant(graph, activation, channel, random);
            }
        }

        graph.RemoveUnused();
        graph.Commit();
    }

    private static void Change(OnnxGraph graph, NodeInput input, Action<float[], int> change)
    {
        var constant = graph.Constant(input.Node.Input[input.Index])!;
        var values = constant.Singles().ToArray();
        change(values, (int)constant.Dims[^1]);
        graph.SetInput(input.Node, input.Index, graph.AddInitializer(TensorValues.Create("planted", values, [.. constant.Dims])));
    }
}
