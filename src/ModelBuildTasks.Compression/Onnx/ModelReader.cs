using Google.Protobuf;
using ModelBuildTasks.Compression.Diagnostics;

namespace ModelBuildTasks.Compression.Onnx;

/// <summary>
/// Parses a model without its tensor bytes: one walk over the wire format finds raw_data and makes it a view, and the runs of bytes between
/// go to Google.Protobuf. That works because a message is the merge of its parts (protobuf.dev/programming-guides/encoding, "last one
/// wins").
/// </summary>
internal sealed class ModelReader
{
    /// <summary>Google.Protobuf's own limit, so that what is read here can be read by others.</summary>
    private const int DeepestMessage = 100;

    /// <summary>Runs are merged at least this often: many fields must not add up to more than a span can hold.</summary>
    private const int LongestRun = 1 << 26;

    private readonly MappedFile file;
    private readonly FileWindow window;
    private readonly WireReader reader;

    private ModelReader(MappedFile file)
    {
        this.file = file;
        window = new FileWindow(file.Handle, file.Length);
        reader = new WireReader(window);
    }

    /// <exception cref="InvalidDataException">The file is not the encoding of a model.</exception>
    /// <exception cref="InvalidProtocolBufferException">The file is not the encoding of a model.</exception>
    /// <exception cref="CompressionException">AIM1008: a field that is no raw_data exceeds 2 GiB.</exception>
    public static ModelProto Read(MappedFile file)
    {
        var model = new ModelProto();
        new ModelReader(file).Merge(model, 0, file.Length, depth: 0);
        return model;
    }

    private void Merge(IMessage message, long position, long end, int depth)
    {
        if (depth > DeepestMessage)
        {
            throw new InvalidDataException($"its messages are nested more than {DeepestMessage} deep");
        }

        var run = position;
        while (reader.Next(ref position, end, out var field))
        {
            if (field.Type == WireType.LengthDelimited && message is TensorProto tensor && field.Number == TensorProto.RawDataFieldNumber)
            {
                MergeRun(message, run, field.Start);
                tensor.RawData = MappedPayloads.View(new FileRange(file, field.Content, field.Length));
                run = position;
            }
            else if (field.Type == WireType.LengthDelimited && MessageTree.Open(message, field.Number) is { } child)
            {
                MergeRun(message, run, field.Start);
                Merge(child, field.Content, field.End, depth + 1);
                run = position;
            }
            else if (position - run > LongestRun)
            {
                MergeRun(message, run, position);
                run = position;
            }
        }

        MergeRun(message, run, end);
    }

    private void MergeRun(IMessage message, long start, long end)
    {
        var length = Length(end - start);
        if (length > 0)
        {
            message.MergeFrom(length <= FileWindow.Size ? window.Peek(start, length) : file.Span(start, length));
        }
    }

    private int Length(long length) => length <= int.MaxValue
        ? (int)length
        : throw ModelErrors.TooLarge(file.Path, $"a field of it has {length} bytes", "Save the model with external data, as one file below 2 GiB and its weights beside it.");
}
