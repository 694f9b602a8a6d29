using Google.Protobuf;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Tests.Models;

/// <summary>Builds the parts of ONNX models.</summary>
internal static class OnnxParts
{
    public static ModelProto Model(int opset, GraphProto graph) => new()
    {
        IrVersion = 8,
        ProducerName = "ModelBuildTasks.Tests",
        Graph = graph,
        OpsetImport = { new OperatorSetIdProto { Domain = "", Version = opset } },
    };

    public static NodeProto Node(string operation, string[] inputs, string output, params AttributeProto[] attributes) => new()
    {
        OpType = operation,
        Name = $"{operation}_{output}",
        Input = { inputs },
        Output = { output },
        Attribute = { attributes },
    };

    public static AttributeProto Integers(string name, params long[] values) => new() { Name = name, Type = AttributeProto.Types.AttributeType.Ints, Ints = { values } };

    public static ValueInfoProto Value(string name, params object[] dimensions)
    {
        var shape = new TensorShapeProto();
        foreach (var dimension in dimensions)
        {
            shape.Dim.Add(dimension is string text
                ? new TensorShapeProto.Types.Dimension { DimParam = text }
                : new TensorShapeProto.Types.Dimension { DimValue = (int)dimension });
        }

        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float, Shape = shape } },
        };
    }

    public static TensorProto Weights(string name, float[] values, params long[] dimensions)
    {
        var bytes = new byte[values.Length * sizeof(float)];
        Buffer.BlockCopy(values, 0, bytes, 0, bytes.Length);
        return new TensorProto { Name = name, DataType = (int)TensorProto.Types.DataType.Float, Dims = { dimensions }, RawData = ByteString.CopyFrom(bytes) };
    }

    public static float[] Random(Random random, int count, double scale) =>
        [.. Enumerable.Range(0, count).Select(_ => (float)(((random.NextDouble() * 2) - 1) * scale))];
}
