using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Evaluation;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Simplification;
using ModelBuildTasks.Compression.Tests.Modeling;
using ModelBuildTasks.Compression.Tests.Quantization;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Simplification;

/// <summary>A model after our own passes, without what the runtime does before them, and the same model before.</summary>
internal sealed class SimplifiedGraph : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string original;
    private readonly OnnxModel model;

    public SimplifiedGraph(ModelBuilder builder)
    {
        original = builder.Save(folder);
        model = OnnxModel.Load(original);
        GraphSimplification.Apply(model);
    }

    public GraphProto Graph => model.Proto.Graph;

    public int Opset => model.Opset;

    public string Operators => string.Join(' ', Graph.Node.Select(node => node.OpType));

    public static string OperatorsOf(ModelBuilder builder)
    {
        using var graph = new SimplifiedGraph(builder);
        return graph.Operators;
    }

    /// <summary>The constant that the first node of an operator reads.</summary>
    public float[] Constant(string operation, int input) => model.EditGraph().Constant(Graph.Node.First(node => node.OpType == operation).Input[input])!.Singles().ToArray();

    /// <summary>Whether the runtime computes the same, up to 1e-5 of the output's norm, of seeded numbers.</summary>
    public void AssertSame(int seed = 1)
    {
        var written = folder.File("simplified.onnx");
        model.SaveWithShortNames(written);
        using var before = ModelSession.Open(original, new SessionSettings());
        using var after = ModelSession.Open(written, new SessionSettings());
        var inputs = before.Inputs.ToDictionary(port => port.Name, ModelValue (port) => Random(port.Shape, seed));
        var distance = OutputDistance.Between(Run(before, inputs), Run(after, inputs));
        Assert.IsGreaterThanOrEqualTo(100, distance.SqnrDb, $"{Operators}: {distance.SqnrDb}");
    }

    private static TensorValue Random(long[] shape, int seed) =>
        new TensorValue(DataType.Float, shape, MemoryMarshal.AsBytes<float>(RandomTensors.Singles(new Random(seed), shape.Aggregate(1L, (product, dimension) => product * dimension), 2)).ToArray());

    /// <summary>The operators that run, after all that the runtime makes of the graph.</summary>
    public string[] Running()
    {
        var (written, optimized) = (folder.File("written.onnx"), folder.File("optimized.onnx"));
        model.SaveWithShortNames(written);
        ModelSession.Open(written, new SessionSettings { OptimizedModelPath = optimized }).Dispose();
        return [.. ModelProto.Parser.ParseFrom(File.ReadAllBytes(optimized)).Graph.Node.Select(node => node.OpType)];
    }

    public void Dispose()
    {
        model.Dispose();
        folder.Dispose();
    }

    private static float[] Run(ModelSession session, IReadOnlyDictionary<string, ModelValue> inputs)
    {
        float[] result = [];
        session.Run(inputs, (_, type, _, bytes) => FloatConversion.ToSingles(type, bytes, result = new float[FloatConversion.Count(type, bytes.Length)]), CancellationToken.None);
        return result;
    }
}
