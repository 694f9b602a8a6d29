using Google.Protobuf;
using ModelBuildTasks.Compression.Diagnostics;

namespace ModelBuildTasks.Compression.Onnx;

/// <summary>
/// Writes a model as <see cref="ModelReader"/> reads it: Google.Protobuf writes the messages without their tensor bytes, and those are
/// copied in between. The order of fields differs from protobuf's own where a message holds large tensors, which the encoding allows.
/// </summary>
internal sealed class ModelWriter
{
    private const int BufferSize = 1 << 20;

    /// <summary>Bytes on the heap beyond this go straight to the file and not through protobuf's buffer.</summary>
    private const int LargePayload = 1 << 16;

    private readonly MappedPayloads payloads;
    private readonly List<Piece> pieces = [];

    private ModelWriter(MappedPayloads payloads) => this.payloads = payloads;

    /// <exception cref="CompressionException">AIM1008: the file would exceed 2 GiB; nothing was written.</exception>
    public static void Write(ModelProto model, MappedPayloads payloads, Stream destination, string path)
    {
        var writer = new ModelWriter(payloads);
        var size = writer.Plan(model);
        if (size > int.MaxValue)
        {
            throw ModelErrors.TooLarge(path, $"the file would have {size} bytes");
        }

        writer.Write(destination);
    }

    /// <summary>Appends the pieces of a message and returns their size.</summary>
    private long Plan(IMessage message)
    {
        if (!HoldsPayload(message))
        {
            return Append(message);
        }

        var size = Append(MessageTree.Shell(message));
        foreach (var (field, child) in MessageTree.Children(message))
        {
            var header = pieces.Count;
            pieces.Add(default);
            size += PlanHeader(header, field, Plan(child));
        }

        if (message is TensorProto { RawData: var bytes })
        {
            pieces.Add(default);
            size += PlanHeader(pieces.Count - 1, TensorProto.RawDataFieldNumber, bytes.Length);
            pieces.Add(new Piece(Payload: bytes));
        }

        return size;
    }

    private long Append(IMessage message)
    {
        pieces.Add(new Piece(Message: message));
        return message.CalculateSize();
    }

    private long PlanHeader(int index, int field, long length)
    {
        pieces[index] = new Piece(Field: field, Length: length);
        return CodedOutputStream.ComputeTagSize(field) + CodedOutputStream.ComputeUInt64Size((ulong)length) + length;
    }

    private bool HoldsPayload(IMessage message) => MessageTree.Tensors(message).Any(tensor =>
        tensor.RawData.Length > LargePayload || payloads.IsView(tensor.RawData));

    private void Write(Stream destination)
    {
        using var output = new CodedOutputStream(destination, LargePayload, leaveOpen: true);
        var buffer = new byte[BufferSize];
        foreach (var piece in pieces)
        {
            if (piece.Message is not null)
            {
                piece.Message.WriteTo(output);
            }
            else if (piece.Payload is not null)
            {
                output.Flush();
                payloads.Copy(piece.Payload, destination, buffer);
            }
            else
            {
                output.WriteTag(piece.Field, WireFormat.WireType.LengthDelimited);
                output.WriteUInt64((ulong)piece.Length);
            }
        }
    }

    /// <summary>A message as it is, tensor bytes, or the tag and length of what follows.</summary>
    private readonly record struct Piece(IMessage? Message = null, ByteString? Payload = null, int Field = 0, long Length = 0);
}
