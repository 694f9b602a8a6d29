using ModelBuildTasks.Compression.Diagnostics;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>The true classes of the samples of a file: the array named labels, [n] or [n, 1].</summary>
internal static class Labels
{
    public const string ArrayName = "labels";

    /// <summary>Reads all labels: four bytes a sample.</summary>
    /// <exception cref="CompressionException">AIM1104: no integers. AIM1105: not one label a sample, or a negative one.</exception>
    public static int[] Read(NpyArray array, long samples)
    {
        if (!array.Element.IsInteger)
        {
            var advice = array.Element.IsText ? ", or name the Keys of the recognizer whose texts they are" : "";
            throw Wrong(DiagnosticCodes.DataTypeMismatch, array, $"has the element type {array.Element}; labels are class numbers. Save it as integers{advice}");
        }

        RequireOneEach(array, samples);
        return DataFile.Guard(array.File, () => ReadAll(array));
    }

    /// <summary>Checks the shape of an array of labels of any kind.</summary>
    /// <exception cref="CompressionException">AIM1105: not one label a sample.</exception>
    public static void RequireOneEach(NpyArray array, long samples)
    {
        if (array.Rows != samples || array.RowLength != 1)
        {
            throw Wrong(DiagnosticCodes.LabelsMismatch, array, $"has the shape {ShapeText.Of(array.Shape)}, but there are {samples} samples. Give one label for each sample");
        }
    }

    private static int[] ReadAll(NpyArray array)
    {
        var labels = new int[array.Rows];
        using var rows = array.OpenRows();
        Span<byte> source = stackalloc byte[sizeof(long)];
        Span<byte> converted = stackalloc byte[sizeof(long)];
        for (var sample = 0; sample < labels.Length; sample++)
        {
            rows.Read(sample, source[..array.Element.Size]);
            try
            {
                NumericConversion.Convert(source[..array.Element.Size], array.Element, converted, DataType.Int64);
            }
            catch (OverflowException)
            {
                // Beyond every class number anyway.
                converted.Fill(byte.MaxValue);
            }

            var label = BitConverter.ToInt64(converted);
            labels[sample] = label is >= 0 and <= int.MaxValue
                ? (int)label
                : throw Wrong(DiagnosticCodes.LabelsMismatch, array, $"has the label {label} at sample {sample}; class numbers start at 0. Correct the label");
        }

        return labels;
    }

    private static CompressionException Wrong(string code, NpyArray array, string what) =>
        new(code, array.File, $"'{Path.GetFileName(array.File)}': {array.Title} {what}.");
}
