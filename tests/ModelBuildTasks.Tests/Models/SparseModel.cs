using Google.Protobuf;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Tests.Models;

/// <summary>Models of any size that take no room on the disk: the bytes of their one tensor are a hole in the file.</summary>
internal static class SparseModel
{
    /// <summary>Writes <see cref="Classifier"/> with one more tensor, of <paramref name="tensorBytes"/> zeros, that no node reads.</summary>
    public static void Write(string path, int tensorBytes)
    {
        var model = Classifier.Create();
        var graph = model.Graph;
        model.Graph = null;
        var tensor = new TensorProto { Name = "zeros", DataType = (int)TensorProto.Types.DataType.Uint8, Dims = { tensorBytes } }.ToByteArray();
        var rest = graph.ToByteArray();
        var rawDataHeader = Header(TensorProto.RawDataFieldNumber, tensorBytes);
        var tensorLength = tensor.Length + rawDataHeader.Length + (long)tensorBytes;
        var tensorHeader = Header(GraphProto.InitializerFieldNumber, tensorLength);
        var graphHeader = Header(ModelProto.GraphFieldNumber, rest.Length + tensorHeader.Length + tensorLength);
        using var file = File.Create(path);
        file.Write([.. model.ToByteArray(), .. graphHeader, .. rest, .. tensorHeader, .. tensor, .. rawDataHeader]);
        file.SetLength(file.Position + tensorBytes);
    }

    /// <summary>The tag and the length of a length-delimited field.</summary>
    private static byte[] Header(int field, long length)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            output.WriteTag(field, WireFormat.WireType.LengthDelimited);
            output.WriteUInt64((ulong)length);
        }

        return stream.ToArray();
    }
}
