using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>Adds scales and zero points to a graph, equal ones once.</summary>
internal sealed class SharedConstants(OnnxGraph graph)
{
    private readonly Dictionary<(int Type, string Dims, Google.Protobuf.ByteString Bytes), string> names = [];

    /// <summary>The name of a constant with these values: the one that has them already, or this one.</summary>
    public string Add(TensorProto tensor)
    {
        var key = (tensor.DataType, string.Join(',', tensor.Dims), tensor.RawData);
        if (!names.TryGetValue(key, out var name))
        {
            names.Add(key, name = graph.AddInitializer(tensor));
        }

        return name;
    }
}
