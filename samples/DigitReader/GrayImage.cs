using StbImageSharp;

namespace DigitReader;

/// <summary>A decoded picture: one byte a pixel, row by row, 0 black to 255 white.</summary>
internal sealed record GrayImage(int Width, int Height, byte[] Levels)
{
    /// <exception cref="UnreadablePictureException">The file is missing, cannot be read or is no picture.</exception>
    public static GrayImage Load(string path)
    {
        var image = Decode(path, ReadBytes(path));
        var levels = new byte[image.Width * image.Height];
        for (var i = 0; i < levels.Length; i++)
        {
            levels[i] = Gray(image.Data.AsSpan(i * 4, 4));
        }

        return new GrayImage(image.Width, image.Height, levels);
    }

    private static byte[] ReadBytes(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UnreadablePictureException(path, "not found", exception);
        }
        catch (ArgumentException exception)
        {
            throw new UnreadablePictureException($"'{path}'", "not the name of a file", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UnreadablePictureException(path, Directory.Exists(path) ? "is a folder" : "cannot be opened", exception);
        }
    }

    private static ImageResult Decode(string path, byte[] bytes)
    {
        try
        {
            return ImageResult.FromMemory(bytes, ColorComponents.RedGreenBlueAlpha);
        }
        // The decoder documents no exception types, and damaged files end in several.
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            throw new UnreadablePictureException(path, "not a readable picture", exception);
        }
    }

    /// <summary>Luma (ITU-R BT.601) over white paper; exact for gray pixels.</summary>
    private static byte Gray(ReadOnlySpan<byte> rgba)
    {
        var luma = ((299 * rgba[0]) + (587 * rgba[1]) + (114 * rgba[2]) + 500) / 1000;
        return (byte)(((luma * rgba[3]) + (255 * (255 - rgba[3])) + 127) / 255);
    }
}
