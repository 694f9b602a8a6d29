namespace ModelBuildTasks.Compression.Onnx;

/// <summary>The values of constant tensors, whichever field holds them.</summary>
internal static class TensorValues
{
    public static long ElementCount(this TensorProto tensor) => throw new NotImplementedException();

    /// <summary>The values of a FLOAT tensor; a view where raw_data holds them, else a copy.</summary>
    public static ReadOnlySpan<float> Singles(this TensorProto tensor) => throw new NotImplementedException();

    public static ReadOnlySpan<long> Int64s(this TensorProto tensor) => throw new NotImplementedException();

    public static TensorProto Create(string name, ReadOnlySpan<float> values, params ReadOnlySpan<long> dims) => throw new NotImplementedException();

    public static TensorProto Create(string name, ReadOnlySpan<sbyte> values, params ReadOnlySpan<long> dims) => throw new NotImplementedException();

    public static TensorProto Create(string name, ReadOnlySpan<byte> values, params ReadOnlySpan<long> dims) => throw new NotImplementedException();

    public static TensorProto Create(string name, ReadOnlySpan<int> values, params ReadOnlySpan<long> dims) => throw new NotImplementedException();

    public static TensorProto Create(string name, ReadOnlySpan<long> values, params ReadOnlySpan<long> dims) => throw new NotImplementedException();
}
