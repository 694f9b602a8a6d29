using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Evaluation;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Evaluation;

/// <summary>An original and a "compressed" model in ONNX Runtime.</summary>
internal sealed class ModelPair : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public ModelPair(ModelBuilder original, ModelBuilder compressed)
    {
        Original = ModelSession.Open(original.Save(folder, "original.onnx"), new SessionSettings());
        Compressed = ModelSession.Open(compressed.Save(folder, "compressed.onnx"), new SessionSettings());
    }

    public ModelSession Original { get; }

    public ModelSession Compressed { get; }

    /// <summary>The original answers with its input, the compressed model with its input times a constant.</summary>
    public static ModelPair Scaled(params float[] factors) => new(Identity(factors.Length), Applied("Mul", factors));

    /// <summary>A model with the input x of shape [batch, width].</summary>
    public static ModelBuilder Rows(int width) => ModelBuilder.Create().Input("x", DataType.Float, "batch", width);

    /// <summary>y = x.</summary>
    public static ModelBuilder Identity(int width) => Rows(width).Node("Identity", ["x"], ["y"]).Output("y", DataType.Float, "batch", width);

    /// <summary>y = x ∘ constant.</summary>
    public static ModelBuilder Applied(string operation, params float[] constant)
        => Rows(constant.Length).Constant("c", constant, constant.Length).Node(operation, ["x", "c"], ["y"]).Output("y", DataType.Float, "batch", constant.Length);

    public Comparison Compare(SampleSet samples, Metric metric = Metric.Auto) => Compare(samples, [.. Enumerable.Range(0, samples.Count)], metric);

    public Comparison Compare(SampleSet samples, IReadOnlyList<int> indices, Metric metric = Metric.Auto)
        => ModelComparison.Compare(Original, Compressed, samples, indices, metric, progress: null, CancellationToken.None);

    public void Dispose()
    {
        Original.Dispose();
        Compressed.Dispose();
        folder.Dispose();
    }
}
