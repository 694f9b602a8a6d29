using System.Globalization;
using System.Runtime.InteropServices;
using Google.Protobuf;
using ModelBuildTasks.Compression.Onnx;

namespace Benchmarks.Models;

/// <summary>A model of MatMul, Gemm, Conv and Gather layers whose weights lie in a file beside it, written without ever being in memory.</summary>
internal static class LargeModelFile
{
    private const int Width = 2048;
    private const int Alignment = 4096;

    /// <summary>A weight and how many of its values an output sums: their magnitude keeps activations as large as they came in.</summary>
    public sealed record Weight(string Name, long FanIn, long[] Dims)
    {
        public long Elements => Dims.Aggregate(1L, (product, dimension) => product * dimension);
    }

    /// <summary>Writes a model whose weights have about so many megabytes: one of each kind of layer in turns, or one MatMul for all.</summary>
    /// <returns>The weights in the order of the file.</returns>
    public static IReadOnlyList<Weight> Write(string path, int megabytes, bool oneTensor)
    {
        var graph = new GraphProto { Name = "large" };
        graph.Input.Add(Port("tokens", TensorProto.Types.DataType.Int64, "batch"));
        var bytes = megabytes * 1_000_000L;
        var weights = oneTensor ? OneLayer(graph, bytes / sizeof(float) / Width) : Layers(graph, bytes);
        graph.Output.Add(Port(graph.Node[^1].Output[0], TensorProto.Types.DataType.Float, "batch", "features"));

        var location = Path.GetFileName(path) + ".data";
        var offset = 0L;
        using (var data = File.Create(path + ".data"))
        {
            foreach (var weight in weights)
            {
                var tensor = new TensorProto { Name = weight.Name, DataType = (int)TensorProto.Types.DataType.Float, DataLocation = TensorProto.Types.DataLocation.External };
                tensor.Dims.Add(weight.Dims);
                tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = location });
                tensor.ExternalData.Add(new StringStringEntryProto { Key = "offset", Value = offset.ToString(CultureInfo.InvariantCulture) });
                tensor.ExternalData.Add(new StringStringEntryProto { Key = "length", Value = (weight.Elements * sizeof(float)).ToString(CultureInfo.InvariantCulture) });
                graph.Initializer.Add(tensor);
                data.Position = offset;
                WriteValues(data, weight, seed: graph.Initializer.Count);
                offset = (data.Position + Alignment - 1) / Alignment * Alignment;
            }
        }

        var model = new ModelProto { IrVersion = 8, Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 17 });
        File.WriteAllBytes(path, model.ToByteArray());
        return weights;
    }

    private static List<Weight> OneLayer(GraphProto graph, long rows)
    {
        var weights = new List<Weight> { new("table", 1, [64, 16]), new("matrix", 16, [16, rows]), new("large", rows, [rows, Width]) };
        Node(graph, "Gather", "table", "tokens");
        Node(graph, "MatMul", "", "matrix");
        Node(graph, "MatMul", "", "large");
        return weights;
    }

    private static List<Weight> Layers(GraphProto graph, long bytes)
    {
        // A third of the weights is the table, as in small language models.
        var weights = new List<Weight> { new("table", 1, [bytes / 3 / sizeof(float) / Width, Width]) };
        Node(graph, "Gather", "table", "tokens");
        for (var round = 0; weights.Sum(weight => weight.Elements * sizeof(float)) < bytes; round++)
        {
            weights.Add(new($"up{round}", Width, [Width, 4 * Width]));
            weights.Add(new($"down{round}", 4 * Width, [Width, 4 * Width]));
            // The image is one pixel: of each kernel only the middle counts.
            weights.Add(new($"conv{round}", 32, [Width, 32, 3, 3]));
            Node(graph, "MatMul", "", $"up{round}");
            Node(graph, "Gemm", "", $"down{round}").Attribute.Add(new AttributeProto { Name = "transB", Type = AttributeProto.Types.AttributeType.Int, I = 1 });
            Node(graph, "Unsqueeze", "", Axes(graph));
            var convolution = Node(graph, "Conv", "", $"conv{round}");
            convolution.Attribute.Add(Integers("pads", 1, 1, 1, 1));
            convolution.Attribute.Add(new AttributeProto { Name = "group", Type = AttributeProto.Types.AttributeType.Int, I = Width / 32 });
            Node(graph, "Squeeze", "", Axes(graph));
        }

        return weights;
    }

    // An empty name is the result of the node before.
    private static NodeProto Node(GraphProto graph, string operation, params string[] inputs)
    {
        var before = graph.Node.Count == 0 ? "" : graph.Node[^1].Output[0];
        var node = new NodeProto { OpType = operation, Name = $"{operation}{graph.Node.Count}" };
        node.Input.Add(inputs.Select(input => input.Length == 0 ? before : input));
        node.Output.Add($"value{graph.Node.Count}");
        graph.Node.Add(node);
        return node;
    }

    private static string Axes(GraphProto graph)
    {
        if (graph.Initializer.All(tensor => tensor.Name != "axes"))
        {
            graph.Initializer.Add(TensorValues.Create("axes", [2L, 3L], 2));
        }

        return "axes";
    }

    private static AttributeProto Integers(string name, params long[] values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Ints };
        attribute.Ints.Add(values);
        return attribute;
    }

    private static ValueInfoProto Port(string name, TensorProto.Types.DataType type, params string[] dims)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add(dims.Select(dim => new TensorShapeProto.Types.Dimension { DimParam = dim }));
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } } };
    }

    private static void WriteValues(Stream stream, Weight weight, int seed)
    {
        // A part is made once and written again and again, turned by a few elements each time: numbers take longer than the disk.
        var random = new Random(seed);
        var amplitude = MathF.Sqrt(3f / weight.FanIn);
        var values = new float[1 << 18];
        foreach (ref var value in values.AsSpan())
        {
            value = ((2 * random.NextSingle()) - 1) * amplitude;
        }

        for (var written = 0L; written < weight.Elements;)
        {
            var start = random.Next(1 << 10);
            var count = (int)Math.Min(values.Length - start, weight.Elements - written);
            stream.Write(MemoryMarshal.AsBytes(values.AsSpan(start, count)));
            written += count;
        }
    }
}
