using System.IO.Compression;

namespace ModelBuildTasks.Tests.Models;

/// <summary>Writes NumPy's .npz: a zip archive of .npy entries.</summary>
internal static class NpzFile
{
    public static byte[] Create(params (string Name, byte[] Array)[] arrays)
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, array) in arrays)
            {
                using var entry = archive.CreateEntry($"{name}.npy", CompressionLevel.NoCompression).Open();
                entry.Write(array);
            }
        }

        return stream.ToArray();
    }
}
