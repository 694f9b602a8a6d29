using Google.Protobuf;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace Benchmarks.Costs;

/// <summary>A small float model to measure operators in, built node by node, with random weights that keep the magnitude of what they read.</summary>
internal sealed class MeasuredModel
{
    // Has HardSwish (14), Mish (18) and Gelu (20).
    private const int Opset = 20;

    private readonly ModelProto model = new() { IrVersion = 9, Graph = new GraphProto { Name = "costs" } };
    private readonly Random random = new(1);
    private int next;

    /// <param name="input">The shape of the input 'x'.</param>
    public MeasuredModel(params long[] input)
    {
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = Opset });
        model.Graph.Input.Add(Value("x", input));
        Shape = input;
    }

    /// <summary>The shape of the input.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>Nodes that stay float in the quantized model.</summary>
    public List<string> KeepFloat { get; } = [];

    /// <summary>Adds a convolution that keeps the size of the picture, and a Relu behind it unless something else follows.</summary>
    public string Convolution(string input, string name, long inputs, long outputs, int kernel, int groups = 1, int dimensions = 2, bool relu = true)
    {
        var size = Enumerable.Repeat((long)kernel, dimensions);
        var weight = Weight([outputs, inputs / groups, .. size], (inputs / groups) * Math.Pow(kernel, dimensions));
        var node = NewNode.Of("Conv", [input, weight, Weight([outputs], 1)], relu ? name + "_c" : name, name).With("group", groups);
        var pads = new AttributeProto { Name = "pads", Type = AttributeProto.Types.AttributeType.Ints };
        pads.Ints.AddRange(Enumerable.Repeat((kernel - 1L) / 2, 2 * dimensions));
        node.Attribute.Add(pads);
        model.Graph.Node.Add(node);
        return relu ? Operation("Relu", name, name + "_c") : name;
    }

    /// <summary>Adds a product with a constant matrix: Gemm has a bias, MatMul none.</summary>
    public string Product(string input, string operation, long inputs, long outputs)
    {
        var weight = Weight([inputs, outputs], inputs);
        return operation == "Gemm" ? Operation(operation, $"v{next++}", input, weight, Weight([outputs], 1)) : Operation(operation, $"v{next++}", input, weight);
    }

    /// <summary>Adds a node without weights.</summary>
    public string Operation(string operation, string output, params string[] inputs)
    {
        model.Graph.Node.Add(NewNode.Of(operation, inputs, output, output + "_n"));
        return output;
    }

    /// <summary>Adds a pooling with a window of 3 that keeps the size of the picture.</summary>
    public string Pooling(string operation, string input)
    {
        var output = Operation(operation, $"v{next++}", input);
        foreach (var (name, values) in new[] { ("kernel_shape", new long[] { 3, 3 }), ("pads", [1, 1, 1, 1]) })
        {
            var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Ints };
            attribute.Ints.AddRange(values);
            model.Graph.Node[^1].Attribute.Add(attribute);
        }

        return output;
    }

    /// <summary>The last node with an attribute more.</summary>
    public void With(string attribute, long value) => model.Graph.Node[^1].With(attribute, value);

    /// <summary>Writes the float model.</summary>
    public void SaveFloat(string path, string output)
    {
        model.Graph.Output.Add(new ValueInfoProto { Name = output, Type = new TypeProto { TensorType = new() { ElemType = (int)DataType.Float } } });
        File.WriteAllBytes(path, model.ToByteArray());
    }

    /// <summary>Writes the model as static int8 makes it where no cost has a say.</summary>
    public void SaveInt8(string floatPath, string path)
    {
        using var loaded = OnnxModel.Load(floatPath);
        var ranges = model.Graph.Node.SelectMany(node => node.Output).Append("x").ToDictionary(value => value, _ => new ValueRange(-4, 4));
        var ranks = ranges.Keys.ToDictionary(value => value, _ => Shape.Count);
        new PostTrainingQuantization(FormatAssignment.Int8).Apply(loaded, new PassContext(new DeviceProfile { Name = "measured" }, new ActivationRanges(ranges) { Ranks = ranks }, KeepFloat, CancellationToken.None));
        loaded.Save(path);
    }

    private string Weight(long[] dims, double summed)
    {
        var values = new float[dims.Aggregate(1L, (product, dimension) => product * dimension)];
        foreach (ref var value in values.AsSpan())
        {
            value = (float)((random.NextDouble() - 0.5) * Math.Sqrt(12 / summed));
        }

        var name = $"w{next++}";
        model.Graph.Initializer.Add(TensorValues.Create(name, values, dims));
        return name;
    }

    private static ValueInfoProto Value(string name, long[] dims)
    {
        var shape = new TensorShapeProto();
        shape.Dim.AddRange(dims.Select(dimension => new TensorShapeProto.Types.Dimension { DimValue = dimension }));
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new() { ElemType = (int)DataType.Float, Shape = shape } } };
    }
}
