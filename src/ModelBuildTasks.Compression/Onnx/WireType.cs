namespace ModelBuildTasks.Compression.Onnx;

/// <summary>How a field is encoded (protobuf.dev/programming-guides/encoding). Groups, long deprecated, are in no ONNX file.</summary>
internal enum WireType
{
    Varint = 0,
    Fixed64 = 1,
    LengthDelimited = 2,
    Fixed32 = 5,
}
