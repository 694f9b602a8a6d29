using Google.Protobuf;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>A tensor in a file of its own, as the ONNX backend tests have them: a serialized TensorProto.</summary>
internal static class TensorFile
{
    /// <summary>Reads a file and checks that its values fill its shape.</summary>
    /// <exception cref="CompressionException">AIM1101: no tensor, or a damaged one. AIM1104: a sequence or an optional value.</exception>
    public static TensorProto Read(string path) => DataFile.Guard(path, () =>
    {
        var content = File.ReadAllBytes(path);
        var tensor = Parse(content, out var cause);

        // The number of the field that a tensor has for segments, which nobody writes, is where sequences and optional values have theirs.
        if (tensor is { Segment: null } && IsWhole(tensor))
        {
            return tensor;
        }

        throw IsSequenceOrOptional(content)
            ? new CompressionException(
                DiagnosticCodes.DataTypeMismatch,
                path,
                $"'{Path.GetFileName(path)}' in '{Path.GetFileName(Path.GetDirectoryName(path))}' holds a sequence or an optional value, and only tensors can be given to a model's inputs. Save a TensorProto.")
            : DataFile.Unreadable(path, cause?.Message ?? "it is no tensor, or its values do not fill its shape", cause);
    });

    private static TensorProto? Parse(byte[] content, out Exception? cause)
    {
        try
        {
            cause = null;
            return TensorProto.Parser.ParseFrom(content);
        }
        catch (InvalidProtocolBufferException exception)
        {
            cause = exception;
            return null;
        }
    }

    private static bool IsWhole(TensorProto tensor) =>
        tensor.DataLocation != TensorProto.Types.DataLocation.External
        && tensor.DataType != (int)TensorProto.Types.DataType.Undefined
        && !tensor.Dims.Any(long.IsNegative)
        && (tensor.ElementType() == TensorProto.Types.DataType.String
            || tensor.SizeInBytes() == (tensor.HasRawData ? tensor.RawData.Length : TypedFields.SizeInBytes(tensor)));

    // SequenceProto and OptionalProto (onnx-data.proto): 1 a name, 2 a kind, 3 to 7 messages.
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
