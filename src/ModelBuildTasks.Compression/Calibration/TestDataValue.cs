using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>What a file of ONNX test data gives to an input.</summary>
internal static class TestDataValue
{
    /// <summary>The value, or null where an optional one is absent.</summary>
    /// <param name="path">The file.</param>
    /// <param name="file">Its content.</param>
    /// <param name="input">The input it is for.</param>
    /// <exception cref="CompressionException">AIM1103: the shape. AIM1104: another kind of value or element type, or an empty sequence. AIM1106: not finite.</exception>
    public static ModelValue? Of(string path, ValueFile file, ModelPort input)
    {
        return (input.Kind, file) switch
        {
            // Nothing at all is how an absent optional value is written, and nothing of a kind an empty sequence.
            (_, { Sequence: { ElemType: 0, TensorValues.Count: 0, SequenceValues.Count: 0 } }) when input.IsOptional => null,
            (PortKind.Sequence, { Sequence: { TensorValues.Count: 0, SequenceValues: [] or [{ TensorValues.Count: 0 }] } }) => throw Wrong(
                DiagnosticCodes.DataTypeMismatch,
                path,
                $"it holds an empty sequence for the model's input '{input.Name}', which ONNX Runtime does not take from .NET. Remove the sample"),
            (PortKind.Tensor, { Tensor: { } tensor }) => Tensor(path, tensor, input),
            (PortKind.Tensor, { Sequence.TensorValues: [var tensor] }) when input.IsOptional => Tensor(path, tensor, input),
            (PortKind.Sequence, { Sequence: { SequenceValues: [{ TensorValues: { Count: > 0 } tensors }] } }) when input.IsOptional => Sequence(path, tensors, input),
            (PortKind.Sequence, { Sequence: { SequenceValues.Count: 0, TensorValues: { Count: > 0 } tensors } }) => Sequence(path, tensors, input),
            _ => throw Wrong(DiagnosticCodes.DataTypeMismatch, path, $"it holds {(file.Tensor is null ? "a sequence or an optional value" : "a tensor")}, but the model's input '{input.Name}' takes {input.TypeText}. Save what the input takes"),
        };
    }

    private static SequenceValue Sequence(string path, IEnumerable<TensorProto> tensors, ModelPort input) => new([.. tensors.Select(tensor => Tensor(path, tensor, input))]);

    private static ModelValue Tensor(string path, TensorProto tensor, ModelPort input)
    {
        var type = tensor.ElementType();
        if (type != input.Type)
        {
            throw Wrong(DiagnosticCodes.DataTypeMismatch, path, $"its tensor has the element type {Name(type)}, but the model's input '{input.Name}' takes {input.TypeText}. Save it with that type");
        }

        // The runtime tells no axes both for a single number and for an input whose rank is unknown.
        long[] shape = [.. tensor.Dims];
        var model = input.Shape;
        if (model.Length > 0 && (shape.Length != model.Length || shape.Where((dimension, axis) => model[axis] >= 0 && model[axis] != dimension).Any()))
        {
            throw Wrong(DiagnosticCodes.DataShapeMismatch, path, $"its tensor has the shape {ShapeText.Of(shape)}, but the model's input '{input.Name}' takes {ShapeText.Of(model)}. Save the whole input, its batch axis included");
        }

        if (type == DataType.String)
        {
            return new TextValue(shape, [.. tensor.StringData.Select(text => text.Memory)]);
        }

        var bytes = tensor.HasRawData ? tensor.RawData.Memory : tensor.Bytes().ToArray();
        return NumericConversion.FirstNotFinite(bytes.Span, type) is >= 0 and var element
            ? throw Wrong(DiagnosticCodes.DataNotFinite, path, $"its tensor has a NaN or an infinity in element {element}. Remove the sample or correct its values")
            : new TensorValue(type, shape, bytes);
    }

    private static string Name(DataType type) => type.ToString().ToLowerInvariant();

    private static CompressionException Wrong(string code, string path, string what) =>
        new(code, path, $"'{Path.GetFileName(path)}' in '{Path.GetFileName(Path.GetDirectoryName(path))}': {what}.");
}
