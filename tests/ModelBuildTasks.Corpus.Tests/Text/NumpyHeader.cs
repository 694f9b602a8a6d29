using System.Globalization;
using System.Text;

namespace ModelBuildTasks.Corpus.Tests.Text;

/// <summary>What stands before the elements of a NumPy array.</summary>
internal static class NumpyHeader
{
    /// <param name="type">The element type as NumPy writes it, for example &lt;f4.</param>
    /// <param name="shape">The dimensions.</param>
    public static byte[] Of(string type, params int[] shape)
    {
        var dimensions = string.Concat(shape.Select(dimension => string.Create(CultureInfo.InvariantCulture, $"{dimension}, ")));
        var text = $"{{'descr': '{type}', 'fortran_order': False, 'shape': ({(shape.Length > 1 ? dimensions.TrimEnd(',', ' ') : dimensions)}), }}";
        // The format of NumPy: the data starts at a multiple of 64 bytes, behind ten bytes, the text and a line feed.
        var padded = text.PadRight(((text.Length + 11 + 63) / 64 * 64) - 11) + "\n";
        return [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0, (byte)padded.Length, (byte)(padded.Length >> 8), .. Encoding.ASCII.GetBytes(padded)];
    }
}
