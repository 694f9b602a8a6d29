using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Pruning;
using ModelBuildTasks.Compression.Reporting;
using ModelBuildTasks.Compression.Tests.Modeling;
using ModelBuildTasks.Compression.Tests.SecondOrder;

namespace ModelBuildTasks.Compression.Tests.Pruning.Structured;

/// <summary>A small model that is pruned as a whole, by samples or without them.</summary>
internal sealed class PrunedSamples : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly OutputNoise noise;
    private readonly ShapedSamples samples;

    /// <param name="builder">The model; its input is <c>x</c>.</param>
    /// <param name="options">What goes.</param>
    /// <param name="shape">The shape of the input.</param>
    /// <param name="bySamples">Whether samples tell what goes.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public PrunedSamples(ModelBuilder builder, PruningOptions options, long[] shape, bool bySamples = true, CancellationToken cancellationToken = default)
    {
        Model = builder.Load(folder);
        samples = new ShapedSamples(shape, 24);
        var given = new PruningSamples(samples, [.. Enumerable.Range(0, samples.Count)]);
        noise = OutputNoise.Of(Model, given, CancellationToken.None);
        Report = ModelPruning.Apply(Model, options, new PruningContext(bySamples ? given : null, Effort.Balanced, new Progress(Told), cancellationToken));
    }

    public OnnxModel Model { get; }

    public PruningReport Report { get; }

    public List<PhaseProgress> Told { get; } = [];

    /// <summary>Noise ÷ signal at the outputs.</summary>
    public double Noise => noise.Measure(Model, CancellationToken.None);

    /// <summary>The bytes of the pruned model.</summary>
    public byte[] Bytes
    {
        get
        {
            Model.Save(folder.File("pruned.onnx"));
            return File.ReadAllBytes(folder.File("pruned.onnx"));
        }
    }

    public void Dispose()
    {
        Model.Dispose();
        folder.Dispose();
    }

    private sealed class Progress(List<PhaseProgress> told) : IProgress<PhaseProgress>
    {
        public void Report(PhaseProgress value) => told.Add(value);
    }
}
