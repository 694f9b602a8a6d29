using System.Text;
using ModelBuildTasks.Compression.Diagnostics;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>
/// labels.txt in a folder of images: for each image a line with its path below the folder, a tab and the text it shows, as the recognition data sets of PaddleOCR have them. UTF-8; empty lines do not count.
/// </summary>
internal static class TextLabelFile
{
    public const string FileName = "labels.txt";

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The images in the order of the lines; null where the folder has no such file.</summary>
    /// <exception cref="CompressionException">AIM1101: the file is no UTF-8, or an image is missing or outside of the folder. AIM1105: a line without a tab, an image with two lines, or one in the folder without any.</exception>
    public static IReadOnlyList<LabeledImage>? Find(string folder)
    {
        var path = Path.Combine(folder, FileName);
        return File.Exists(path) ? DataFile.Guard(path, () => Read(path, folder)) : null;
    }

    private static List<LabeledImage> Read(string path, string folder)
    {
        var images = new List<LabeledImage>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (number, line) in Lines(path).Index())
        {
            if (line.Length == 0)
            {
                continue;
            }

            var tab = line.IndexOf('\t');
            if (tab < 1)
            {
                throw Wrong(path, $"line {number + 1} has {(tab == 0 ? "no image before its tab" : "no tab")}. Write the path of the image, a tab and the text");
            }

            var (image, text) = (ImagePath(path, folder, line[..tab], number), line[(tab + 1)..]);
            images.Add(known.Add(image) ? new LabeledImage(image, null, text) : throw Wrong(path, $"line {number + 1} is the second one for '{line[..tab]}'. Keep one of them"));
        }

        return ImageFolder.Direct(folder).FirstOrDefault(image => !known.Contains(image)) is { } missing
            ? throw Wrong(path, $"there is no line for the image '{Path.GetFileName(missing)}'. Add its text, or move it elsewhere")
            : images;
    }

    private static string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path, Utf8);
        }
        catch (DecoderFallbackException exception)
        {
            throw new InvalidDataException("it is not UTF-8", exception);
        }
    }

    private static string ImagePath(string path, string folder, string name, int number)
    {
        var image = Path.GetFullPath(Path.Combine(folder, name));
        var root = Path.GetFullPath(folder) + Path.DirectorySeparatorChar;
        return !image.StartsWith(root, StringComparison.Ordinal) ? throw DataFile.Unreadable(path, $"line {number + 1} names '{name}', which is outside of the folder")
            : !File.Exists(image) ? throw DataFile.Unreadable(path, $"line {number + 1} names the image '{name}', which does not exist")
            // As a search finds it, so that both are the same text.
            : Path.Combine(folder, Path.GetRelativePath(folder, image));
    }

    private static CompressionException Wrong(string path, string what) => new(DiagnosticCodes.LabelsMismatch, path, $"'{Path.GetFileName(path)}': {what}.");
}
