using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;

namespace ModelBuildTasks.Corpus.Tests.Text;

/// <summary>Labelled lines in a .npz file: the pictures as x, [n, 3, 48, 320], as the recognizers of PP-OCR call their input, and the texts as labels.</summary>
internal static class LabelledLineFile
{
    /// <summary>Writes the lines of consecutive seeds.</summary>
    public static void Write(string path, int firstSeed, int count)
    {
        using var archive = new ZipArchive(File.Create(path), ZipArchiveMode.Create);
        var texts = new List<string>(count);
        using (var pictures = Entry(archive, "x.npy"))
        {
            pictures.Write(NumpyHeader.Of("<f4", count, 3, LabelledLines.Height, LabelledLines.Width));
            foreach (var line in LabelledLines.Render(firstSeed, count))
            {
                pictures.Write(MemoryMarshal.AsBytes(line.Pixels.AsSpan()));
                texts.Add(line.Text);
            }
        }

        using var labels = Entry(archive, "labels.npy");
        var longest = texts.Max(text => text.Length);
        labels.Write(NumpyHeader.Of(string.Create(CultureInfo.InvariantCulture, $"<U{longest}"), count));
        foreach (var text in texts)
        {
            labels.Write(Encoding.UTF32.GetBytes(text.PadRight(longest, '\0')));
        }
    }

    // Uncompressed, since noise does not become smaller, and without the time of writing, so that the same lines are the same file.
    private static Stream Entry(ZipArchive archive, string name)
    {
        var entry = archive.CreateEntry(name, CompressionLevel.NoCompression);
        entry.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);
        return entry.Open();
    }
}
