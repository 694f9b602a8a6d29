using ModelBuildTasks.Compression.Diagnostics;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>What every kind of calibration file has in common: how it fails.</summary>
internal static class DataFile
{
    public static bool HasExtension(string path, params ReadOnlySpan<string> extensions)
    {
        foreach (var extension in extensions)
        {
            if (path.EndsWith(extension, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Runs a step that reads <paramref name="path"/>; what goes wrong with the file itself becomes AIM1101.</summary>
    public static T Guard<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (EndOfStreamException exception)
        {
            throw Unreadable(path, "it ends too early", exception);
        }
        catch (OverflowException exception)
        {
            throw Unreadable(path, "it claims more elements than a file can hold", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException or FormatException or NotSupportedException)
        {
            throw Unreadable(path, exception.Message, exception);
        }
    }

    public static CompressionException Unreadable(string path, string reason, Exception? cause = null) => new(
        DiagnosticCodes.DataUnreadable,
        path,
        $"'{Path.GetFileName(path)}' cannot be read as samples: {OneLine(reason)}. Give .npz, .npy, .csv, an image, or a folder of images or ONNX test data.",
        cause);

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").Trim().TrimEnd('.');
}
