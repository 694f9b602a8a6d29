namespace ModelBuildTasks.Compression.Onnx;

/// <summary>One field of a message in a file.</summary>
/// <param name="Number">The field's number.</param>
/// <param name="Type">How it is encoded.</param>
/// <param name="Start">The position of its tag.</param>
/// <param name="Content">The position of its value, after the tag and the length.</param>
/// <param name="End">The position after its value.</param>
internal readonly record struct WireField(int Number, WireType Type, long Start, long Content, long End)
{
    public long Length => End - Content;
}
