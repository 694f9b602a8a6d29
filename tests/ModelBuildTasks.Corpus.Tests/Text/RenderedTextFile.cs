using System.Runtime.InteropServices;

namespace ModelBuildTasks.Corpus.Tests.Text;

/// <summary>Rendered text in a .npy file: [n, 3, height, width], written picture by picture.</summary>
internal static class RenderedTextFile
{
    /// <summary>Writes pictures with consecutive seeds.</summary>
    public static void Write(string path, int firstSeed, int count, int height, int width)
    {
        using var file = File.Create(path);
        file.Write(NumpyHeader.Of("<f4", count, 3, height, width));
        for (var picture = 0; picture < count; picture++)
        {
            file.Write(MemoryMarshal.AsBytes(RenderedText.For(firstSeed + picture, height, width).AsSpan()));
        }
    }
}
