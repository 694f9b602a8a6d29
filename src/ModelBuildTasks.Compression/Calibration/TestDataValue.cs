using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>What a file of ONNX test data gives to an input, or expects of an output.</summary>
internal static class TestDataValue
{
    /// <summary>The value, or null where an optional one is absent.</summary>
    /// <param name="path">The file.</param>
    /// <param name="file">Its content.</param>
    /// <param name="input">The input it is for.</param>
    /// <exception cref="CompressionException">AIM1103: the shape. AIM1104: another kind of value or element type, or an empty sequence. AIM1106: not finite.</exception>
    public static ModelValue? Of(string path, ValueFile file, ModelPort input) => Of(path, file, input, TestDataRole.Input);

    /// <summary>The value, or null where an optional one is absent; it need not be finite.</summary>
    /// <param name="path">The file.</param>
    /// <param name="file">Its content.</param>
    /// <param name="output">The output it is for.</param>
    /// <exception cref="CompressionException">AIM1103: the shape. AIM1104: another kind of value or element type.</exception>
    public static ModelValue? Expected(string path, ValueFile file, ModelPort output) => Of(path, file, output, TestDataRole.Output);

    private static ModelValue? Of(string path, ValueFile file, ModelPort port, TestDataRole role) => (port.Kind, file) switch
    {
        // Nothing at all is how an absent optional value is written, and nothing of a kind an empty sequence.
        (_, { Sequence: { ElemType: 0, TensorValues.Count: 0, SequenceValues.Count: 0 } }) when port.IsOptional => null,
        (PortKind.Sequence, { Sequence: { TensorValues.Count: 0, SequenceValues: [] or [{ TensorValues.Count: 0 }] } }) => throw Wrong(
            DiagnosticCodes.DataTypeMismatch,
            path,
            $"it holds an empty sequence for the model's {role.Noun} '{port.Name}', which ONNX Runtime does not take from .NET. Remove the sample"),
        (PortKind.Tensor, { Tensor: { } tensor }) => Tensor(path, tensor, port, role),
        (PortKind.Tensor, { Sequence.TensorValues: [var tensor] }) when port.IsOptional => Tensor(path, tensor, port, role),
        (PortKind.Sequence, { Sequence: { SequenceValues: [{ TensorValues: { Count: > 0 } tensors }] } }) when port.IsOptional => Sequence(path, tensors, port, role),
        (PortKind.Sequence, { Sequence: { SequenceValues.Count: 0, TensorValues: { Count: > 0 } tensors } }) => Sequence(path, tensors, port, role),
        _ => throw Wrong(DiagnosticCodes.DataTypeMismatch, path, $"it holds {(file.Tensor is null ? "a sequence or an optional value" : "a tensor")}, but the model's {role.Noun} '{port.Name}' {role.Verb} {port.TypeText}. Save what the {role.Noun} {role.Verb}"),
    };

    private static SequenceValue Sequence(string path, IEnumerable<TensorProto> tensors, ModelPort port, TestDataRole role) => new([.. tensors.Select(tensor => Tensor(path, tensor, port, role))]);

    private static ModelValue Tensor(string path, TensorProto tensor, ModelPort port, TestDataRole role)
    {
        var type = tensor.ElementType();
        if (type != port.Type)
        {
            throw Wrong(DiagnosticCodes.DataTypeMismatch, path, $"its tensor has the element type {Name(type)}, but the model's {role.Noun} '{port.Name}' {role.Verb} {port.TypeText}. Save it with that type");
        }

        // The runtime tells no axes both for a single number and for a port whose rank is unknown.
        long[] shape = [.. tensor.Dims];
        var model = port.Shape;
        if (model.Length > 0 && (shape.Length != model.Length || shape.Where((dimension, axis) => model[axis] >= 0 && model[axis] != dimension).Any()))
        {
            throw Wrong(DiagnosticCodes.DataShapeMismatch, path, $"its tensor has the shape {ShapeText.Of(shape)}, but the model's {role.Noun} '{port.Name}' {role.Verb} {ShapeText.Of(model)}. Save the whole {role.Noun}, its batch axis included");
        }

        if (type == DataType.String)
        {
            return new TextValue(shape, [.. tensor.StringData.Select(text => text.Memory)]);
        }

        var bytes = tensor.HasRawData ? tensor.RawData.Memory : tensor.Bytes().ToArray();
        return role == TestDataRole.Input && NumericConversion.FirstNotFinite(bytes.Span, type) is >= 0 and var element
            ? throw Wrong(DiagnosticCodes.DataNotFinite, path, $"its tensor has a NaN or an infinity in element {element}. Remove the sample or correct its values")
            : new TensorValue(type, shape, bytes);
    }

    private static string Name(DataType type) => type.ToString().ToLowerInvariant();

    private static CompressionException Wrong(string code, string path, string what) =>
        new(code, path, $"'{Path.GetFileName(path)}' in '{Path.GetFileName(Path.GetDirectoryName(path))}': {what}.");
}
