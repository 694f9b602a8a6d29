using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Pruning;
using ModelBuildTasks.Compression.Reporting;
using ModelBuildTasks.Compression.Tests.Modeling;
using ModelBuildTasks.Compression.Tests.SecondOrder;

namespace ModelBuildTasks.Compression.Tests.Pruning;

/// <summary>A model before and after it was pruned.</summary>
internal sealed class PrunedGraph : IDisposable
{
    private readonly TemporaryFolder folder = new();

    /// <param name="builder">The model; its input is <c>x</c>.</param>
    /// <param name="options">What goes.</param>
    /// <param name="shape">The shape of the samples by which it is pruned; null for none.</param>
    /// <param name="samples">How many there are.</param>
    /// <param name="effort">How much work it may be.</param>
    public PrunedGraph(ModelBuilder builder, PruningOptions options, long[]? shape = null, int samples = 12, Effort effort = Effort.Balanced)
    {
        using var model = builder.Load(folder);
        Before = model.Proto.Clone();
        var set = shape is null ? null : new PruningSamples(new ShapedSamples(shape, samples, null), [.. Enumerable.Range(0, samples)]);
        Report = ModelPruning.Apply(model, options, new PruningContext(set, effort, new Listener(Told.Add), CancellationToken.None));
        var path = folder.File("pruned.onnx");
        model.Save(path);
        After = ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));
    }

    public ModelProto Before { get; }

    public ModelProto After { get; }

    public PruningReport Report { get; }

    public List<PhaseProgress> Told { get; } = [];

    /// <summary>The values of a weight that was there before.</summary>
    public float[] Weight(string name) => After.Graph.Initializer.Single(tensor => tensor.Name == name).Singles().ToArray();

    /// <summary>The share of a weight that is zero.</summary>
    public double Sparsity(string name) => Weight(name) is var values ? (double)values.Count(value => value == 0) / values.Length : 0;

    public void Dispose() => folder.Dispose();

    private sealed class Listener(Action<PhaseProgress> told) : IProgress<PhaseProgress>
    {
        public void Report(PhaseProgress value) => told(value);
    }
}
