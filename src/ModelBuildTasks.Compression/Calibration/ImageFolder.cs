using System.Globalization;
using ModelBuildTasks.Compression.Diagnostics;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>
/// The images of a folder. With a folder for each class (class/image.png) the labels are the positions of the class folders in ordinal order of their names,
/// or, where all those names are whole numbers, these numbers. Images directly in the folder have no labels. Hidden folders and folders without an image do not count.
/// </summary>
internal static class ImageFolder
{
    private static readonly string[] Extensions = [".png", ".jpg", ".jpeg", ".bmp"];

    public static bool IsImage(string path) => DataFile.HasExtension(path, Extensions);

    /// <summary>All images, by class and then by name; empty where there is none.</summary>
    /// <exception cref="CompressionException">AIM1101: the folder cannot be read. AIM1105: some images have a class folder and some have not.</exception>
    public static IReadOnlyList<LabeledImage> Find(string folder) => DataFile.Guard(folder, () =>
    {
        var direct = Images(folder);
        var classes = Directory.EnumerateDirectories(folder)
            .Where(path => !Path.GetFileName(path).StartsWith('.'))
            .Select(path => (Name: Path.GetFileName(path), Images: Images(path)))
            .Where(each => each.Images.Length > 0)
            .OrderBy(each => each.Name, StringComparer.Ordinal)
            .ToArray();
        if (direct.Length > 0 && classes.Length > 0)
        {
            throw new CompressionException(
                DiagnosticCodes.LabelsMismatch,
                folder,
                $"'{Path.GetFileName(folder)}' has images both directly in it ({Path.GetFileName(direct[0])}) and in class folders ({classes[0].Name}). Move every image into the folder of its class, or none.");
        }

        var labels = LabelsOf([.. classes.Select(each => each.Name)]);
        return (IReadOnlyList<LabeledImage>)
        [
            .. direct.Select(path => new LabeledImage(path, null)),
            .. classes.SelectMany((each, position) => each.Images.Select(path => new LabeledImage(path, labels[position]))),
        ];
    });

    /// <summary>The images directly in a folder, by name.</summary>
    public static string[] Direct(string folder) => Images(folder);

    private static string[] Images(string folder) =>
        [.. Directory.EnumerateFiles(folder).Where(path => IsImage(path) && !Path.GetFileName(path).StartsWith('.')).OrderBy(path => Path.GetFileName(path), StringComparer.Ordinal)];

    private static int[] LabelsOf(string[] names)
    {
        var numbers = new int[names.Length];
        for (var position = 0; position < names.Length; position++)
        {
            if (!int.TryParse(names[position], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[position]))
            {
                return [.. Enumerable.Range(0, names.Length)];
            }
        }

        return numbers;
    }
}
