using System.Globalization;
using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>The samples of a .csv file, one for each record, streamed from it.</summary>
internal sealed class CsvSampleSet : SampleSet
{
    private readonly string path;
    private readonly CsvLayout layout;
    private readonly bool textLabels;
    private readonly List<int> labels = [];
    private readonly List<string> texts = [];

    private CsvSampleSet(string path, CsvLayout layout, CsvReader records, bool textLabels)
    {
        this.path = path;
        this.layout = layout;
        this.textLabels = textLabels;
        // The first record is read already; unless it is the header it is a sample.
        for (var more = !layout.HasHeader || records.Read(); more; more = records.Read())
        {
            CheckFields(records);
            Count = checked(Count + 1);
            if (HasLabels)
            {
                labels.Add(Label(records));
            }
            else if (HasTexts)
            {
                texts.Add(records.Field(layout.LabelColumn).ToString());
            }
        }
    }

    public override int Count { get; }

    public override IReadOnlyList<StatePair> States => layout.States;

    public override bool HasLabels => layout.LabelColumn >= 0 && !textLabels;

    public override bool HasTexts => layout.LabelColumn >= 0 && textLabels;

    /// <summary>Reads the whole file once, to count its samples and to check its columns and labels.</summary>
    /// <param name="path">The file.</param>
    /// <param name="ports">The inputs and outputs of the model.</param>
    /// <param name="textLabels">Whether labels are texts, also where they are digits.</param>
    public static CsvSampleSet Open(string path, ModelPorts ports, bool textLabels) => DataFile.Guard(path, () =>
    {
        using var records = new CsvReader(path);
        return records.Read() ? new CsvSampleSet(path, CsvLayout.Of(path, records, ports), records, textLabels) : throw Empty(path);
    });

    public override IEnumerable<Sample> Read(IEnumerable<int> indices)
    {
        CsvReader? records = null;
        try
        {
            var next = 0;
            foreach (var index in indices)
            {
                ArgumentOutOfRangeException.ThrowIfNegative(index, nameof(indices));
                ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count, nameof(indices));
                if (records is null || index < next)
                {
                    records?.Dispose();
                    (records, next) = (DataFile.Guard(path, OpenRecords), 0);
                }

                var (reader, skipped) = (records, index - next);
                yield return DataFile.Guard(path, () => Read(reader, skipped, index));
                next = index + 1;
            }
        }
        finally
        {
            records?.Dispose();
        }
    }

    private CsvReader OpenRecords()
    {
        var records = new CsvReader(path);
        if (layout.HasHeader)
        {
            records.Read();
        }

        return records;
    }

    private Sample Read(CsvReader records, int skipped, int index)
    {
        for (var step = 0; step <= skipped; step++)
        {
            if (!records.Read())
            {
                throw new EndOfStreamException();
            }
        }

        CheckFields(records);
        var size = layout.Input.Type.SizeInBytes();
        var bytes = new byte[checked(layout.Elements * size * layout.Copies)];
        var row = bytes.AsSpan(0, layout.Elements * size);
        for (var (column, element) = (0, 0); column < layout.Columns; column++)
        {
            if (column != layout.LabelColumn)
            {
                WriteElement(records, column, row.Slice(element++ * size, size));
            }
        }

        for (var copy = 1; copy < layout.Copies; copy++)
        {
            row.CopyTo(bytes.AsSpan(copy * row.Length));
        }

        return new Sample(path, index, new Dictionary<string, ModelValue> { [layout.Input.Name] = new TensorValue(layout.Input.Type, layout.Shape, bytes) }, HasLabels ? labels[index] : null) { Text = HasTexts ? texts[index] : null };
    }

    private void WriteElement(CsvReader records, int column, Span<byte> destination)
    {
        var text = records.Field(column);
        var type = layout.Input.Type;
        if (text.IsEmpty)
        {
            throw Wrong(DiagnosticCodes.DataNotFinite, records, column, "the field is empty. Remove the sample or give the value");
        }

        if (!CsvNumber.IsNumber(text))
        {
            throw Wrong(DiagnosticCodes.DataUnreadable, records, column, $"'{Shown(text)}' is no number. Separate columns by commas and write numbers with a decimal point");
        }

        if (CsvNumber.TryParse(text, out long whole))
        {
            WriteWhole(MemoryMarshal.AsBytes(new Span<long>(ref whole)), 'i', records, column, destination);
        }
        else if (!NumericConversion.IsFloatingPoint(type) && CsvNumber.TryParse(text, out ulong large))
        {
            WriteWhole(MemoryMarshal.AsBytes(new Span<ulong>(ref large)), 'u', records, column, destination);
        }
        else if (NumericConversion.IsFloatingPoint(type) && CsvNumber.TryParse(text, out double real))
        {
            NumericConversion.Convert(MemoryMarshal.AsBytes(new Span<double>(ref real)), new NpyElement('f', sizeof(double), false), destination, type);
        }
        else
        {
            throw Wrong(DiagnosticCodes.DataTypeMismatch, records, column, $"'{Shown(text)}' is no whole number, but the model's input '{layout.Input.Name}' takes {TypeName}. Correct the value");
        }

        if (NumericConversion.FirstNotFinite(destination, type) >= 0)
        {
            throw Wrong(DiagnosticCodes.DataNotFinite, records, column, $"'{Shown(text)}' is NaN or infinite (as {TypeName}). Remove the sample or correct the value");
        }
    }

    private void WriteWhole(Span<byte> number, char kind, CsvReader records, int column, Span<byte> destination)
    {
        try
        {
            NumericConversion.Convert(number, new NpyElement(kind, number.Length, false), destination, layout.Input.Type);
        }
        catch (OverflowException exception)
        {
            throw Wrong(DiagnosticCodes.DataTypeMismatch, records, column, $"{Shown(records.Field(column))} does not fit {TypeName}, which the model's input '{layout.Input.Name}' takes. Correct the value", exception);
        }
    }

    private string TypeName => layout.Input.Type.ToString().ToLowerInvariant();

    private int Label(CsvReader records)
    {
        var text = records.Field(layout.LabelColumn);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var label)
            ? label
            : throw Wrong(DiagnosticCodes.LabelsMismatch, records, layout.LabelColumn, $"the label '{Shown(text)}' is no class number from 0. Correct the label");
    }

    private void CheckFields(CsvReader records)
    {
        if (records.FieldCount != layout.Columns)
        {
            throw new CompressionException(
                DiagnosticCodes.DataShapeMismatch,
                path,
                $"'{Path.GetFileName(path)}': line {records.Line} has {records.FieldCount} columns, but the first line has {layout.Columns}. Give every line the same columns.");
        }
    }

    private CompressionException Wrong(string code, CsvReader records, int column, string what, Exception? cause = null) =>
        new(code, path, $"'{Path.GetFileName(path)}', line {records.Line}, column {column + 1}: {what}.", cause);

    private static string Shown(ReadOnlySpan<char> text) => (text.Length <= 40 ? text.ToString() : $"{text[..40]}…").ReplaceLineEndings(" ");
}
