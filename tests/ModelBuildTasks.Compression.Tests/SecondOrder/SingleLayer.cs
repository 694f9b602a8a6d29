using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;
using ModelBuildTasks.Compression.SecondOrder;
using ModelBuildTasks.Compression.Tests.Modeling;
using ModelBuildTasks.Compression.Tests.Quantization;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.SecondOrder;

/// <summary>A model of one layer, a random input, and what ONNX Runtime makes of it.</summary>
internal sealed class SingleLayer : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly OnnxModel model;

    private SingleLayer(ModelBuilder builder, long[] shape)
    {
        Shape = shape;
        Value = RandomTensors.Singles(new Random(7), shape.Aggregate(1L, (product, dimension) => product * dimension));
        builder.Input("x", shape).Output("y");
        model = builder.Load(folder);
        var graph = model.EditGraph();
        Node = graph.Nodes.Single(node => node.Name == "layer");
        Weight = Layers.Weights(Node, graph).Single();
        Inputs = LayerInputs.Of(Node, Weight);
        using var session = ModelSession.Open(folder.File("model.onnx"), new SessionSettings());
        var input = new TensorValue(DataType.Float, shape, MemoryMarshal.AsBytes(Value.AsSpan()).ToArray());
        session.Run(new Dictionary<string, ModelValue> { ["x"] = input }, (_, _, _, bytes) => Output = MemoryMarshal.Cast<byte, float>(bytes).ToArray(), CancellationToken.None);
    }

    public long[] Shape { get; }

    public float[] Value { get; }

    public float[] Output { get; private set; } = [];

    public NodeProto Node { get; }

    public LayerWeight Weight { get; }

    public LayerInputs? Inputs { get; }

    /// <summary>A Conv without a bias.</summary>
    public static SingleLayer Conv(long[] shape, long[] weight, params (string Name, object Value)[] attributes) =>
        new(ModelBuilder.Create(22, 10).Constant("w", RandomTensors.Weight(1, weight)).Node("Conv", ["x", "w"], ["y"], "layer", attributes), shape);

    /// <summary>A Gemm without a bias.</summary>
    public static SingleLayer Gemm(long[] shape, long[] weight, params (string Name, object Value)[] attributes) =>
        new(ModelBuilder.Create().Constant("w", RandomTensors.Weight(1, weight)).Node("Gemm", ["x", "w"], ["y"], "layer", attributes), shape);

    public static SingleLayer MatMul(long[] shape, long[] weight) =>
        new(ModelBuilder.Create().Constant("w", RandomTensors.Weight(1, weight)).Node("MatMul", ["x", "w"], ["y"], "layer"), shape);

    /// <summary>A layer that reads its weight through a Transpose.</summary>
    public static SingleLayer Turned(string operation, long[] shape, long[] weight, params (string Name, object Value)[] attributes) =>
        new(ModelBuilder.Create().Constant("t", RandomTensors.Weight(1, weight)).Node("Transpose", ["t"], ["w"]).Node(operation, ["x", "w"], ["y"], "layer", attributes), shape);

    /// <summary>A layer of any operator.</summary>
    public static SingleLayer Of(ModelBuilder builder, params long[] shape) => new(builder, shape);

    /// <summary>[groups, positions, depth]: all rows of the input.</summary>
    public float[] Rows()
    {
        var rows = Inputs!.Rows(Shape);
        var all = new float[Inputs.Groups * rows.Positions * Inputs.Depth];
        rows.Write(Value, 0, 1, all);
        return all;
    }

    public void Dispose()
    {
        model.Dispose();
        folder.Dispose();
    }
}
