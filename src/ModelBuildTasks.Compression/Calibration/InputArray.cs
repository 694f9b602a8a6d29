using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>
/// An array as the samples of one input. Its first axis counts the samples.
/// <list type="bullet">
/// <item>As many axes as the input: the first axis is the batch axis. A dynamic one gets one sample a run. A fixed batch of B gets the sample B times, because B neighbours would share one label
/// and the last group would be short; only row 0 of an output then counts.</item>
/// <item>One axis more than the input (or the model fixes a batch inside the sample): each row is the whole input.</item>
/// </list>
/// </summary>
internal sealed class InputArray
{
    private readonly NpyArray _array;
    private readonly ModelPort _input;
    private readonly long[] _shape;
    private readonly int _copies;
    private readonly int _rowBytes;

    /// <exception cref="CompressionException">AIM1103, AIM1104: shape or element type do not fit the input.</exception>
    public InputArray(NpyArray array, ModelPort input)
    {
        _array = array;
        _input = input;
        if (!NumericConversion.IsPossible(array.Element, input.Type))
        {
            throw Mismatch(DiagnosticCodes.DataTypeMismatch, $"has the element type {array.Element}, but the model's input '{input.Name}' takes {TypeName}. Save the array with a type that converts without loss");
        }

        (_shape, _copies) = FitShape();
        _rowBytes = checked(array.RowLength * input.Type.SizeInBytes());
    }

    private string TypeName => _input.Type.ToString().ToLowerInvariant();

    public IRowReader OpenRows() => _array.OpenRows();

    /// <summary>Reads one sample of this input.</summary>
    /// <exception cref="CompressionException">AIM1104: an integer does not fit. AIM1106: a value is NaN or infinite.</exception>
    public TensorValue Read(IRowReader rows, int sample)
    {
        var bytes = new byte[checked(_rowBytes * _copies)];
        var row = bytes.AsSpan(0, _rowBytes);
        if (_array.Element.Size == _input.Type.SizeInBytes())
        {
            rows.Read(sample, row);
            Convert(row, row, sample);
        }
        else
        {
            var source = new byte[_array.RowBytes];
            rows.Read(sample, source);
            Convert(source, row, sample);
        }

        if (NumericConversion.FirstNotFinite(row, _input.Type) is >= 0 and var element)
        {
            throw Mismatch(
                DiagnosticCodes.DataNotFinite,
                $"has a NaN or an infinity (as {TypeName}) in sample {sample}, element {element}. Remove the sample or correct its values");
        }

        for (var copy = 1; copy < _copies; copy++)
        {
            row.CopyTo(bytes.AsSpan(copy * _rowBytes));
        }

        return new TensorValue(_input.Type, _shape, bytes);
    }

    private void Convert(Span<byte> source, Span<byte> destination, int sample)
    {
        try
        {
            NumericConversion.Convert(source, _array.Element, destination, _input.Type);
        }
        catch (OverflowException exception)
        {
            throw Mismatch(
                DiagnosticCodes.DataTypeMismatch,
                $"has a value in sample {sample} that does not fit {TypeName}, which the model's input '{_input.Name}' takes. Correct the value or save what the model expects",
                exception);
        }
    }

    private (long[] Shape, int Copies) FitShape()
    {
        var (data, model) = (_array.Shape, _input.Shape);

        // The runtime tells no axes both for a single number and for an input whose rank is unknown.
        if (model.Length == 0)
        {
            return data.Length == 1 ? ([], 1) : ([1, .. data.AsSpan(1)], 1);
        }

        if (data.Length == model.Length && Fits(data.AsSpan(1), model.AsSpan(1)))
        {
            var batch = Math.Max(1, model[0]);
            return ([batch, .. data.AsSpan(1)], checked((int)batch));
        }

        if (data.Length == model.Length + 1 && Fits(data.AsSpan(1), model))
        {
            return ([.. data.AsSpan(1)], 1);
        }

        throw Mismatch(
            DiagnosticCodes.DataShapeMismatch,
            $"has the shape {ShapeText.Of(data)}, but the model's input '{_input.Name}' takes {ShapeText.Of(model)}, so {ShapeText.OfSamples(model)} with n samples was expected. Save the array in the model's shape");
    }

    private static bool Fits(ReadOnlySpan<long> data, ReadOnlySpan<long> model)
    {
        for (var axis = 0; axis < model.Length; axis++)
        {
            if (model[axis] >= 0 && model[axis] != data[axis])
            {
                return false;
            }
        }

        return true;
    }

    private CompressionException Mismatch(string code, string what, Exception? cause = null) =>
        new(code, _array.File, $"'{Path.GetFileName(_array.File)}': {_array.Title} {what}.", cause);
}
