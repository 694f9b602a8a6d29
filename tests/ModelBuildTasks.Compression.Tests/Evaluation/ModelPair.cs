using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Evaluation;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Execution;
using static ModelBuildTasks.Compression.Tests.Execution.Models;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Evaluation;

/// <summary>An original and a "compressed" model in ONNX Runtime.</summary>
internal sealed class ModelPair : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public ModelPair(GraphProto original, GraphProto compressed)
    {
        original.Model().Write(folder.File("original.onnx"));
        compressed.Model().Write(folder.File("compressed.onnx"));
        Original = ModelSession.Open(folder.File("original.onnx"), new SessionSettings());
        Compressed = ModelSession.Open(folder.File("compressed.onnx"), new SessionSettings());
    }

    public ModelSession Original { get; }

    public ModelSession Compressed { get; }

    /// <summary>The original answers with its input, the compressed model with its input times a constant.</summary>
    public static ModelPair Scaled(params float[] factors) => new(Identity(factors.Length), Applied("Mul", factors));

    /// <summary>y = x of shape [n, width].</summary>
    public static GraphProto Identity(int width) => Graph([Value("x", DataType.Float, -1, width)], [Value("y", DataType.Float, -1, width)], Node("Identity", ["x"], "y"));

    /// <summary>y = x ∘ constant of shape [n, width].</summary>
    public static GraphProto Applied(string operation, params float[] constant)
    {
        var graph = Graph([Value("x", DataType.Float, -1, constant.Length)], [Value("y", DataType.Float, -1, constant.Length)], Node(operation, ["x", "c"], "y"));
        graph.Initializer.Add(Singles("c", constant, constant.Length));
        return graph;
    }

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
