using ModelBuildTasks.Compression.Diagnostics;

namespace ModelBuildTasks.Compression.Onnx;

/// <summary>Opens a model file to skip through it.</summary>
internal static class WireFile
{
    /// <summary>What a reader finds in a file of a length.</summary>
    /// <exception cref="CompressionException">AIM1001: the file cannot be read. AIM1002: it is no model, or truncated.</exception>
    public static T Read<T>(string path, Func<WireReader, long, T> read)
    {
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            var window = new FileWindow(file, RandomAccess.GetLength(file));
            return read(new WireReader(window), window.Length);
        }
        catch (InvalidDataException exception)
        {
            throw ModelErrors.NotAModel(path, exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw ModelErrors.Unreadable(path, exception);
        }
    }
}
