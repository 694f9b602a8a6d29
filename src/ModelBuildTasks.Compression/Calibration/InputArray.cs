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
/// An array of exactly the input's shape that has another number of rows than the file has samples is given once for all of them (see <see cref="IsWhole"/>).
/// </summary>
internal sealed class InputArray
{
    private readonly NpyArray array;
    private readonly ModelPort input;
    private readonly long[] shape;
    private readonly int copies;
    private readonly int rowBytes;
    private TensorValue? constant;

    /// <param name="array">The array.</param>
    /// <param name="input">Its input.</param>
    /// <param name="isConstant">Whether the array is the whole input of every sample.</param>
    /// <exception cref="CompressionException">AIM1103, AIM1104: shape or element type do not fit the input.</exception>
    public InputArray(NpyArray array, ModelPort input, bool isConstant)
    {
        this.array = array;
        this.input = input;
        IsConstant = isConstant;
        if (input.Kind != PortKind.Tensor || !NumericConversion.IsKnown(input.Type))
        {
            throw Mismatch(DiagnosticCodes.DataTypeMismatch, $"is for the model's input '{input.Name}', which takes {input.TypeText}, and NumPy files have no such values. Give ONNX test data (test_data_set_0/input_0.pb) instead");
        }

        if (!NumericConversion.IsPossible(array.Element, input.Type))
        {
            throw Mismatch(DiagnosticCodes.DataTypeMismatch, $"has the element type {array.Element}, but the model's input '{input.Name}' takes {TypeName}. Save the array with a type that converts without loss");
        }

        (shape, copies) = isConstant ? ([.. input.Shape], 1) : FitShape();
        rowBytes = checked(array.RowLength * input.Type.SizeInBytes());
    }

    /// <summary>Whether one value holds for all samples.</summary>
    public bool IsConstant { get; }

    /// <summary>Whether an array is exactly one whole input of fixed shape; a single number may have an axis of one.</summary>
    public static bool IsWhole(NpyArray array, ModelPort input) => input.Shape.Length == 0
        ? array.Shape is [] or [1]
        : input.Shape.All(dimension => dimension >= 0) && input.Shape.AsSpan().SequenceEqual(array.Shape);

    private string TypeName => input.Type.ToString().ToLowerInvariant();

    public IRowReader OpenRows() => array.OpenRows();

    /// <summary>The value that holds for all samples.</summary>
    /// <exception cref="CompressionException">AIM1104: an integer does not fit. AIM1106: a value is NaN or infinite.</exception>
    public TensorValue Constant()
    {
        if (constant is null)
        {
            using var rows = OpenRows();
            var bytes = new byte[checked(rowBytes * array.Rows)];
            for (var row = 0; row < array.Rows; row++)
            {
                ReadRow(rows, row, bytes.AsSpan(row * rowBytes, rowBytes));
            }

            constant = new TensorValue(input.Type, shape, bytes);
        }

        return constant;
    }

    /// <summary>Reads one sample of this input.</summary>
    /// <exception cref="CompressionException">AIM1104: an integer does not fit. AIM1106: a value is NaN or infinite.</exception>
    public TensorValue Read(IRowReader rows, int sample)
    {
        var bytes = new byte[checked(rowBytes * copies)];
        var row = bytes.AsSpan(0, rowBytes);
        ReadRow(rows, sample, row);
        for (var copy = 1; copy < copies; copy++)
        {
            row.CopyTo(bytes.AsSpan(copy * rowBytes));
        }

        return new TensorValue(input.Type, shape, bytes);
    }

    private void ReadRow(IRowReader rows, int sample, Span<byte> row)
    {
        if (array.Element.Size == input.Type.SizeInBytes())
        {
            rows.Read(sample, row);
            Convert(row, row, sample);
        }
        else
        {
            var source = new byte[array.RowBytes];
            rows.Read(sample, source);
            Convert(source, row, sample);
        }

        if (NumericConversion.FirstNotFinite(row, input.Type) is >= 0 and var element)
        {
            throw Mismatch(
                DiagnosticCodes.DataNotFinite,
                $"has a NaN or an infinity (as {TypeName}) in sample {sample}, element {element}. Remove the sample or correct its values");
        }
    }

    private void Convert(Span<byte> source, Span<byte> destination, int sample)
    {
        try
        {
            NumericConversion.Convert(source, array.Element, destination, input.Type);
        }
        catch (OverflowException exception)
        {
            throw Mismatch(
                DiagnosticCodes.DataTypeMismatch,
                $"has a value in sample {sample} that does not fit {TypeName}, which the model's input '{input.Name}' takes. Correct the value or save what the model expects",
                exception);
        }
    }

    private (long[] Shape, int Copies) FitShape()
    {
        var (data, model) = (array.Shape, input.Shape);

        // The runtime tells no axes both for a single number and for an input whose rank is unknown.
        if (model.Length == 0)
        {
            return data.Length <= 1 ? ([], 1) : ([1, .. data.AsSpan(1)], 1);
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
            $"has the shape {ShapeText.Of(data)}, but the model's input '{input.Name}' takes {ShapeText.Of(model)}, so {ShapeText.OfSamples(model)} with n samples was expected. Save the array in the model's shape");
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
        new(code, array.File, $"'{Path.GetFileName(array.File)}': {array.Title} {what}.", cause);
}
