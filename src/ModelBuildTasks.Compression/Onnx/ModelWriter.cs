using Google.Protobuf;
using ModelBuildTasks.Compression.Diagnostics;

namespace ModelBuildTasks.Compression.Onnx;

/// <summary>
/// Writes a model as <see cref="ModelReader"/> reads it: Google.Protobuf writes the messages without their tensor bytes, and those are
/// copied in between. The order of fields differs from protobuf's own where a message holds large tensors, which the encoding allows.
/// </summary>
internal sealed class ModelWriter
{
    /// <summary>What protobuf reads, and with it every ONNX tool.</summary>
    public const int LargestFile = int.MaxValue;

    /// <summary>Bytes of the buffer to copy tensors with.</summary>
    public const int BufferSize = 1 << 20;

    /// <summary>Bytes on the heap beyond this go straight to the file and not through protobuf's buffer.</summary>
    private const int LargePayload = 1 << 16;

    private readonly Func<ByteString, ExternalLocation?> place;
    private readonly List<Piece> pieces = [];

    /// <param name="model">The model.</param>
    /// <param name="place">Where the large bytes of a tensor lie outside of the file; null for those to be in it.</param>
    public ModelWriter(ModelProto model, Func<ByteString, ExternalLocation?>? place = null)
    {
        this.place = place ?? (_ => null);
        Size = Plan(model);
    }

    /// <summary>Bytes of the file.</summary>
    public long Size { get; }

    /// <summary>Writes the file.</summary>
    /// <param name="destination">Where it goes.</param>
    /// <param name="path">The file that the error is about.</param>
    /// <exception cref="CompressionException">AIM1008: the file would exceed 2 GiB; nothing was written.</exception>
    public void Write(Stream destination, string path)
    {
        if (Size > LargestFile)
        {
            throw ModelErrors.ResultTooLarge(path, Size);
        }

        var buffer = new byte[BufferSize];
        using var output = new CodedOutputStream(destination, LargePayload, leaveOpen: true);
        foreach (var piece in pieces)
        {
            if (piece.Message is not null)
            {
                piece.Message.WriteTo(output);
            }
            else if (piece.Payload is not null)
            {
                output.Flush();
                Copy(piece.Payload, destination, buffer);
            }
            else
            {
                output.WriteTag(piece.Field, WireFormat.WireType.LengthDelimited);
                output.WriteUInt64((ulong)piece.Length);
            }
        }
    }

    /// <summary>Writes the bytes of a tensor; those of a view by reads of the file, so that the map's pages stay out of memory.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="destination">Where they go.</param>
    /// <param name="buffer">Room for a part of them; one for all tensors of a model, whose garbage would be as large as the model otherwise.</param>
    /// <exception cref="CompressionException">AIM1001, AIM1002: the file behind a view cannot be read any more, or became shorter.</exception>
    public static void Copy(ByteString bytes, Stream destination, byte[] buffer)
    {
        if (FileView.Of(bytes) is not { } range)
        {
            destination.Write(bytes.Span);
            return;
        }

        for (var done = 0L; done < range.Length;)
        {
            var part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, range.Length - done));
            range.File.Read(range.Offset + done, part);
            destination.Write(part);
            done += part.Length;
        }
    }

    /// <summary>Appends the pieces of a message and returns their size.</summary>
    private long Plan(IMessage message)
    {
        if (!HoldsPayload(message))
        {
            return Append(message);
        }

        var shell = MessageTree.Shell(message);
        if (message is TensorProto { RawData: var bytes })
        {
            if (place(bytes) is { } location)
            {
                location.WriteTo((TensorProto)shell);
                return Append(shell);
            }

            var before = Append(shell);
            pieces.Add(default);
            before += PlanHeader(pieces.Count - 1, TensorProto.RawDataFieldNumber, bytes.Size());
            pieces.Add(new Piece(Payload: bytes));
            return before;
        }

        var size = Append(shell);
        foreach (var (field, child) in MessageTree.Children(message))
        {
            var header = pieces.Count;
            pieces.Add(default);
            size += PlanHeader(header, field, Plan(child));
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

    private static bool HoldsPayload(IMessage message) => MessageTree.Tensors(message).Any(tensor =>
        tensor.RawData.Length > LargePayload || FileView.Of(tensor.RawData) is not null);

    /// <summary>A message as it is, tensor bytes, or the tag and length of what follows.</summary>
    private readonly record struct Piece(IMessage? Message = null, ByteString? Payload = null, int Field = 0, long Length = 0);
}
