using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Pruning.Structured;
using ModelBuildTasks.Compression.Tests.Modeling;
using ModelBuildTasks.Compression.Tests.SecondOrder;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Pruning.Structured;

/// <summary>A small model, its channels, and what becomes of it without some of them.</summary>
internal sealed class AnalysedModel : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly OnnxModel model;
    private readonly ShapedSamples samples;

    /// <param name="builder">The model; its input is <c>x</c>, its output <c>y</c>.</param>
    /// <param name="shape">The shape of the input.</param>
    public AnalysedModel(ModelBuilder builder, params long[] shape)
    {
        model = builder.Load(folder);
        samples = new ShapedSamples(shape, 2);
        Channels = ChannelAnalysis.Of(model, samples, 0, CancellationToken.None);
        Groups = ChannelGroup.Of(Channels);
    }

    public ChannelGraph Channels { get; }

    public IReadOnlyList<ChannelGroup> Groups { get; }

    /// <summary>The group of the channels that a layer writes.</summary>
    public ChannelGroup GroupOf(string layer) => Groups.Single(group => group.Writers.Any(writer => writer.Node == layer));

    /// <summary>Every second channel of every group.</summary>
    public HashSet<int> EverySecond => [.. Groups.SelectMany(group => group.Channels.Where((_, index) => index % 2 == 1))];

    /// <summary>Weights of a model without channels; it is loaded, run, and gives outputs of the shape that it had.</summary>
    /// <returns>Its outputs, and those of the whole model in which all that lies along these channels is zero.</returns>
    public (float[] Pruned, float[] Masked, long Before, long After) Without(IReadOnlySet<int> removed)
    {
        using var masked = OnnxModel.Load(folder.File("model.onnx"));
        Mask(masked.EditGraph(), removed);
        var before = Weights(model);
        var graph = model.EditGraph();
        ChannelRemoval.Apply(graph, Channels, removed);
        graph.Commit();
        var (pruned, shape) = Run(model, "pruned.onnx");
        var (expected, wholeShape) = Run(masked, "masked.onnx");
        CollectionAssert.AreEqual(wholeShape, shape);
        return (pruned, expected, before, Weights(model));
    }

    public void Dispose()
    {
        model.Dispose();
        folder.Dispose();
    }

    private static long Weights(OnnxModel model) => model.Proto.Graph.Initializer.Where(tensor => tensor.ElementType() == DataType.Float).Sum(tensor => tensor.ElementCount());

    private void Mask(OnnxGraph graph, IReadOnlySet<int> removed)
    {
        foreach (var (name, axes) in Channels.Values)
        {
            if (graph.Constant(name) is not { } tensor || tensor.ElementType() != DataType.Float)
            {
                continue;
            }

            var values = tensor.Singles().ToArray();
            for (var axis = 0; axis < axes.Length; axis++)
            {
                var inner = (int)tensor.Dims.Skip(axis + 1).Aggregate(1L, (product, dimension) => product * dimension);
                for (var i = 0; axes[axis] is { } positions && i < values.Length; i++)
                {
                    values[i] = removed.Contains(Channels.Classes.Of(positions[i / inner % positions.Length])) ? 0 : values[i];
                }
            }

            graph.ReplaceUses(name, graph.AddInitializer(TensorValues.Create(name, values, [.. tensor.Dims])));
        }

        graph.Commit();
    }

    private (float[] Values, long[] Shape) Run(OnnxModel other, string file)
    {
        var path = folder.File(file);
        other.Save(path);
        using var session = ModelSession.Open(path, new SessionSettings());
        var (values, found) = (new List<float>(), Array.Empty<long>());
        foreach (var sample in samples.Read(Enumerable.Range(0, samples.Count)))
        {
            session.Run(
                sample.Inputs,
                (_, _, shape, bytes) =>
                {
                    values.AddRange(MemoryMarshal.Cast<byte, float>(bytes).ToArray());
                    found = shape.ToArray();
                },
                CancellationToken.None);
        }

        return ([.. values], found);
    }
}
