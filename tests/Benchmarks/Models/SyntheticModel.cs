using Google.Protobuf;
using ModelBuildTasks.Compression.Onnx;

namespace Benchmarks.Models;

/// <summary>A chain of MatMul nodes with large weights in the file itself, written without ever being in memory.</summary>
internal static class SyntheticModel
{
    private const int Width = 1024;
    private const int WeightBytes = Width * 4 * Width * sizeof(float);

    /// <summary>Writes a model of about so many megabytes.</summary>
    public static void Write(string path, int megabytes)
    {
        var weights = Math.Max(1, (int)(megabytes * 1_000_000L / WeightBytes));
        var graph = new GraphProto { Name = "synthetic" };
        graph.Input.Add(Port("x", Width));
        for (var i = 0; i < weights; i++)
        {
            var node = new NodeProto { OpType = "MatMul", Name = $"layer{i}" };
            node.Input.Add([i == 0 ? "x" : $"y{i - 1}", $"weight{i}"]);
            node.Output.Add($"y{i}");
            graph.Node.Add(node);
        }

        graph.Output.Add(Port($"y{weights - 1}", Columns(weights - 1)));

        var model = new ModelProto { IrVersion = 8 };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 17 });
        var headers = Enumerable.Range(0, weights).Select(WeightHeader).ToArray();
        var graphLength = graph.CalculateSize() + headers.Sum(header => FieldLength(TensorLength(header)));

        using var file = File.Create(path);
        using var output = new CodedOutputStream(file, leaveOpen: true);
        model.WriteTo(output);
        output.WriteTag(ModelProto.GraphFieldNumber, WireFormat.WireType.LengthDelimited);
        output.WriteUInt64((ulong)graphLength);
        graph.WriteTo(output);
        foreach (var header in headers)
        {
            output.WriteTag(GraphProto.InitializerFieldNumber, WireFormat.WireType.LengthDelimited);
            output.WriteUInt64((ulong)TensorLength(header));
            header.WriteTo(output);
            output.WriteTag(TensorProto.RawDataFieldNumber, WireFormat.WireType.LengthDelimited);
            output.WriteLength(WeightBytes);
            output.Flush();
            WriteWeights(file, seed: header.Name.Length);
        }
    }

    // Wide and narrow layers take turns.
    private static int Columns(int weight) => weight % 2 == 0 ? 4 * Width : Width;

    private static TensorProto WeightHeader(int weight)
    {
        var tensor = new TensorProto { Name = $"weight{weight}", DataType = (int)TensorProto.Types.DataType.Float };
        tensor.Dims.Add([5 * Width - Columns(weight), Columns(weight)]);
        return tensor;
    }

    private static ValueInfoProto Port(string name, int columns)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add([new TensorShapeProto.Types.Dimension { DimParam = "batch" }, new TensorShapeProto.Types.Dimension { DimValue = columns }]);
        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float, Shape = shape } },
        };
    }

    private static long TensorLength(TensorProto header) => header.CalculateSize() + FieldLength(WeightBytes);

    // All fields written here have a tag of one byte.
    private static long FieldLength(long content) => 1 + CodedOutputStream.ComputeUInt64Size((ulong)content) + content;

    private static void WriteWeights(Stream stream, int seed)
    {
        var random = new Random(seed);
        var values = new float[16 * Width];
        var bytes = new byte[values.Length * sizeof(float)];
        for (var written = 0; written < WeightBytes; written += bytes.Length)
        {
            foreach (ref var value in values.AsSpan())
            {
                value = (random.NextSingle() - 0.5f) / Width;
            }

            Buffer.BlockCopy(values, 0, bytes, 0, bytes.Length);
            stream.Write(bytes);
        }
    }
}
