using Google.Protobuf;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>A value in a file of its own, as the ONNX backend tests have them: a serialized TensorProto, SequenceProto or OptionalProto.</summary>
/// <param name="Name">The input it says it is for; may be empty.</param>
/// <param name="Tensor">The tensor, or null.</param>
/// <param name="Sequence">The sequence or optional value, or null: which of both it is, the file does not tell.</param>
internal sealed record ValueFile(string Name, TensorProto? Tensor, SequenceProto? Sequence)
{
    /// <summary>Reads a file and checks that all values fill their shapes.</summary>
    /// <exception cref="CompressionException">AIM1101: no such value, or a damaged one.</exception>
    public static ValueFile Read(string path) => DataFile.Guard(path, () =>
    {
        var content = File.ReadAllBytes(path);
        var tensor = Parse(TensorProto.Parser, content, out var cause);

        // The number of the field that a tensor has for segments, which nobody writes, is where sequences and optional values have theirs.
        if (tensor is { Segment: null } && IsWhole(tensor))
        {
            return new ValueFile(tensor.Name, tensor, null);
        }

        return IsSequenceOrOptional(content) && Parse(SequenceProto.Parser, content, out _) is { } sequence && IsWhole(sequence)
            ? new ValueFile(sequence.Name, null, sequence)
            : throw DataFile.Unreadable(path, cause?.Message ?? "it is no tensor, or its values do not fill its shape", cause);
    });

    private static T? Parse<T>(MessageParser<T> parser, byte[] content, out Exception? cause)
        where T : class, IMessage<T>
    {
        try
        {
            cause = null;
            return parser.ParseFrom(content);
        }
        catch (InvalidProtocolBufferException exception)
        {
            cause = exception;
            return null;
        }
    }

    private static bool IsWhole(SequenceProto sequence) => sequence.TensorValues.All(IsWhole) && sequence.SequenceValues.All(IsWhole);

    // The letters of a sequence's name look like dimensions, whose product may be beyond 64 bits.
    private static bool IsWhole(TensorProto tensor) =>
        tensor.Dims.Aggregate(1.0, (product, dimension) => product * dimension) < Array.MaxLength
        && tensor.DataLocation != TensorProto.Types.DataLocation.External
        && tensor.DataType != (int)DataType.Undefined
        && !tensor.Dims.Any(long.IsNegative)
        && (tensor.ElementType() == DataType.String
            ? tensor.StringData.Count == tensor.ElementCount()
            : tensor.SizeInBytes() == (tensor.HasRawData ? tensor.RawData.Length : TypedFields.SizeInBytes(tensor)));

    // SequenceProto and OptionalProto (onnx-data.proto): 1 a name, 2 a kind, 3 to 7 messages. An optional value that is absent may have no field at all.
    private static bool IsSequenceOrOptional(byte[] content)
    {
        try
        {
            using var stream = new CodedInputStream(content);
            while (stream.ReadTag() is var tag and not 0)
            {
                var expected = WireFormat.GetTagFieldNumber(tag) == 2 ? WireFormat.WireType.Varint : WireFormat.WireType.LengthDelimited;
                if (WireFormat.GetTagFieldNumber(tag) > 7 || WireFormat.GetTagWireType(tag) != expected)
                {
                    return false;
                }

                stream.SkipLastField();
            }

            return content.Length > 0;
        }
        catch (InvalidProtocolBufferException)
        {
            return false;
        }
    }
}
