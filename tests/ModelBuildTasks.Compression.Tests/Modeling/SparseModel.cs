using Google.Protobuf;
using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Modeling;

/// <summary>Models of any size that take no room on the disk: their weights are holes in the file, so zeros.</summary>
internal static class SparseModel
{
    /// <summary>A model whose weights are added to its input one after the other.</summary>
    public static string Write(string path, int tensors, long elementsPerTensor)
    {
        var builder = ModelBuilder.Create().Input("x", 1);
        for (var i = 0; i < tensors; i++)
        {
            builder.Node("Add", [i == 0 ? "x" : $"sum{i - 1}", $"weight{i}"], [$"sum{i}"]);
        }

        using var stream = new FileStream(path, FileMode.CreateNew);
        builder.Output($"sum{tensors - 1}").Build().WriteTo(stream);
        for (var i = 0; i < tensors; i++)
        {
            // Each tensor comes as a graph of its own, which readers merge with the first.
            var bytes = elementsPerTensor * sizeof(float);
            var tensor = new TensorProto { Name = $"weight{i}", DataType = (int)DataType.Float, Dims = { elementsPerTensor } }.ToByteArray();
            byte[] data = [.. tensor, .. Header(TensorProto.RawDataFieldNumber, bytes)];
            byte[] initializer = [.. Header(GraphProto.InitializerFieldNumber, data.Length + bytes), .. data];
            stream.Write([.. Header(ModelProto.GraphFieldNumber, initializer.Length + bytes), .. initializer]);
            stream.Position += bytes;
        }

        stream.SetLength(stream.Position);
        return path;
    }

    /// <summary>A model of one MatMul whose weight is external data: in &lt;path&gt;.data, zeros but for what is written there afterwards.</summary>
    public static string WriteMatrix(string path, long rows, long columns)
    {
        var weight = new TensorProto { DataType = (int)DataType.Float, Dims = { rows, columns } };
        new ExternalLocation(Path.GetFileName(path) + ".data", 0, rows * columns * sizeof(float)).WriteTo(weight);
        var model = ModelBuilder.Create().Input("x", 1, rows).Constant("w", weight).Node("MatMul", ["x", "w"], ["y"]).Output("y", 1, columns).Build();
        File.WriteAllBytes(path, model.ToByteArray());
        using var data = new FileStream(path + ".data", FileMode.CreateNew);
        data.SetLength(rows * columns * sizeof(float));
        return path;
    }

    /// <summary>The tag and length of a length-delimited field.</summary>
    public static byte[] Header(int field, long length)
    {
        using var bytes = new MemoryStream();
        using (var output = new CodedOutputStream(bytes, leaveOpen: true))
        {
            output.WriteTag(field, WireFormat.WireType.LengthDelimited);
            output.WriteInt64(length);
        }

        return bytes.ToArray();
    }
}
