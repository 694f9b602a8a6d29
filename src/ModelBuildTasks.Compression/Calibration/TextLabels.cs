using System.Text;
using ModelBuildTasks.Compression.Diagnostics;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>The texts that the samples of a file show: the array named labels, [n] or [n, 1], of NumPy's type str (UTF-32) or bytes (UTF-8).</summary>
internal static class TextLabels
{
    // Malformed bytes are an error: a replacement character would be counted as misread.
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly UTF32Encoding LittleEndian = new(bigEndian: false, byteOrderMark: false, throwOnInvalidCharacters: true);
    private static readonly UTF32Encoding BigEndian = new(bigEndian: true, byteOrderMark: false, throwOnInvalidCharacters: true);

    /// <summary>Reads all texts.</summary>
    /// <exception cref="CompressionException">AIM1105: not one text a sample. AIM1101: bytes that are no text.</exception>
    public static string[] Read(NpyArray array, long samples)
    {
        Labels.RequireOneEach(array, samples);
        return DataFile.Guard(array.File, () => ReadAll(array));
    }

    private static string[] ReadAll(NpyArray array)
    {
        var texts = new string[array.Rows];
        using var rows = array.OpenRows();
        var bytes = new byte[array.RowBytes];
        var encoding = array.Element.Kind == 'S' ? Utf8 : array.Element.IsBigEndian ? BigEndian : (Encoding)LittleEndian;
        for (var sample = 0; sample < texts.Length; sample++)
        {
            rows.Read(sample, bytes);
            try
            {
                // NumPy fills the room behind a text with zeros.
                texts[sample] = encoding.GetString(bytes).TrimEnd('\0');
            }
            catch (ArgumentException exception)
            {
                throw new InvalidDataException($"{array.Title} holds bytes at sample {sample} that are no text in {encoding.WebName}", exception);
            }
        }

        return texts;
    }
}
