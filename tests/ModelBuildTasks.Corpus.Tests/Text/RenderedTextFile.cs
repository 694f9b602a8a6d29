using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace ModelBuildTasks.Corpus.Tests.Text;

/// <summary>Rendered text in a .npy file: [n, 3, height, width], written picture by picture.</summary>
internal static class RenderedTextFile
{
    /// <summary>Writes pictures with consecutive seeds.</summary>
    public static void Write(string path, int firstSeed, int count, int height, int width)
    {
        using var file = File.Create(path);
        var text = string.Create(CultureInfo.InvariantCulture, $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({count}, 3, {height}, {width}), }}");
        // The format of NumPy: the data starts at a multiple of 64 bytes, behind ten bytes, the text and a line feed.
        var padded = text.PadRight(((text.Length + 11 + 63) / 64 * 64) - 11) + "\n";
        file.Write([0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0, (byte)padded.Length, (byte)(padded.Length >> 8)]);
        file.Write(Encoding.ASCII.GetBytes(padded));
        for (var picture = 0; picture < count; picture++)
        {
            file.Write(MemoryMarshal.AsBytes(RenderedText.For(firstSeed + picture, height, width).AsSpan()));
        }
    }
}
