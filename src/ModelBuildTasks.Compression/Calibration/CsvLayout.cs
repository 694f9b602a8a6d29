using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>What the columns of a .csv file are: the elements of one input in row-major order, and at most one column of labels.</summary>
/// <param name="Input">The model's input.</param>
/// <param name="Shape">The shape of its tensor; a dynamic batch axis is 1.</param>
/// <param name="Copies">How often a row fills a fixed batch: as with arrays, only row 0 of an output counts.</param>
/// <param name="HasHeader">Whether the first record names the columns.</param>
/// <param name="Columns">Fields of each record, the label's included.</param>
/// <param name="LabelColumn">The position of the column with the labels; -1 without one.</param>
/// <param name="States">The model's other inputs.</param>
internal sealed record CsvLayout(ModelPort Input, long[] Shape, int Copies, bool HasHeader, int Columns, int LabelColumn, IReadOnlyList<StatePair> States)
{
    /// <summary>Elements in a row.</summary>
    public int Elements => LabelColumn < 0 ? Columns : Columns - 1;

    /// <param name="path">The file.</param>
    /// <param name="first">Its reader, at the first record.</param>
    /// <param name="ports">The inputs and outputs of the model.</param>
    /// <exception cref="CompressionException">AIM1102: several inputs of the model are no states. AIM1103: the number of columns. AIM1104: the input's type. AIM1105: two columns of labels.</exception>
    public static CsvLayout Of(string path, CsvReader first, ModelPorts ports)
    {
        var (input, states) = SoleInput.Of(ports) ?? throw Wrong(
            DiagnosticCodes.DataNameMismatch,
            path,
            $"a .csv file fills one input, but the model has {ports.Inputs.Count} that are not all states. Give a .npz file with an array for each input");
        if (input.Kind != PortKind.Tensor || !NumericConversion.IsKnown(input.Type))
        {
            throw Wrong(
                DiagnosticCodes.DataTypeMismatch,
                path,
                $"its numbers cannot become {input.TypeText}, which the model's input '{input.Name}' takes. Give ONNX test data (test_data_set_0/input_0.pb) instead");
        }

        var labels = Enumerable.Range(0, first.FieldCount).Where(column => IsLabel(first.Field(column))).ToArray();
        if (labels.Length > 1)
        {
            throw Wrong(DiagnosticCodes.LabelsMismatch, path, $"the columns {labels[0] + 1} and {labels[1] + 1} are both named as labels. Keep one of them");
        }

        var elements = first.FieldCount - labels.Length;
        var (shape, copies) = Fit(input.Shape, elements) ?? throw Wrong(
            DiagnosticCodes.DataShapeMismatch,
            path,
            $"line {first.Line} has {elements} columns (labels not counted), but the model's input '{input.Name}' takes {ShapeText.Of(input.Shape)}. {Advice(input.Shape)}");
        return new CsvLayout(input, shape, copies, IsHeader(first, labels.Length > 0), first.FieldCount, labels.Length > 0 ? labels[0] : -1, states);
    }

    private static bool IsLabel(ReadOnlySpan<char> name) => name.Equals("label", StringComparison.OrdinalIgnoreCase) || name.Equals(Labels.ArrayName, StringComparison.OrdinalIgnoreCase);

    // A first record with both names and numbers is data with a mistake in it, and reading it says so.
    private static bool IsHeader(CsvReader first, bool namesLabel)
    {
        var hasName = namesLabel;
        for (var column = 0; column < first.FieldCount && !namesLabel; column++)
        {
            if (CsvNumber.IsNumber(first.Field(column)))
            {
                return false;
            }

            hasName |= !first.Field(column).IsEmpty;
        }

        return hasName;
    }

    private static (long[] Shape, int Copies)? Fit(long[] model, int elements)
    {
        // The runtime tells no axes both for a single number and for an input whose rank is unknown.
        if (model.Length == 0)
        {
            return (elements == 1 ? [] : [1, elements], 1);
        }

        var batch = Math.Max(1, model[0]);
        return model.Length == 2 && model[1] < 0 && elements > 0 ? ([batch, elements], checked((int)batch))
            : Count(model.AsSpan(1)) == elements ? ([batch, .. model.AsSpan(1)], checked((int)batch))
            : Count(model) == elements ? ([.. model], 1)
            : null;
    }

    // -1 where a dimension is dynamic.
    private static Int128 Count(ReadOnlySpan<long> shape)
    {
        var count = Int128.One;
        foreach (var dimension in shape)
        {
            count = dimension < 0 || count < 0 ? -1 : checked(count * dimension);
        }

        return count;
    }

    private static string Advice(long[] model)
    {
        var expected = Count(model.AsSpan(1));
        return expected >= 0 ? $"Give {expected} columns, one for each element" : "A row of numbers does not tell the free dimensions: give a .npz file";
    }

    private static CompressionException Wrong(string code, string path, string what) => new(code, path, $"'{Path.GetFileName(path)}': {what}.");
}
