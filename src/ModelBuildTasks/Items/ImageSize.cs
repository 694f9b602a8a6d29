using System.Globalization;
using ModelBuildTasks.Compression.Diagnostics;

namespace ModelBuildTasks.Items;

/// <summary>The Size metadata: "224" for a square, "480x640" for height and width, "original" for each image's own.</summary>
internal static class ImageSize
{
    // Beyond any network's input; keeps height × width × channels far from overflow.
    private const int Greatest = 16384;
    private static readonly char[] Separators = ['x', 'X', ';', ','];

    /// <summary>Whether the images keep their sizes.</summary>
    public static bool IsOriginal(MetadataReader metadata) => metadata.Text("Size").Trim().Equals("original", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads height and width; null where not set, original or wrong.</summary>
    public static (int Height, int Width)? Parse(MetadataReader metadata)
    {
        var parts = metadata.Text("Size").Split(Separators, StringSplitOptions.TrimEntries);
        if (parts is [""] || IsOriginal(metadata))
        {
            return null;
        }

        var height = 0;
        var width = 0;
        var areNumbers = parts.Length is 1 or 2
            && int.TryParse(parts[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out height)
            && int.TryParse(parts[^1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out width);
        if (!areNumbers)
        {
            metadata.Add(DiagnosticCodes.MetadataValueUnknown, "Size", "is no size of images. Write 224 for a square, 480x640 for height and width, or original for each image's own");
            return null;
        }

        if (height is < 1 or > Greatest || width is < 1 or > Greatest)
        {
            metadata.Add(DiagnosticCodes.MetadataValueOutOfRange, "Size", $"is out of range. Height and width go from 1 to {Greatest}");
            return null;
        }

        return (height, width);
    }
}
