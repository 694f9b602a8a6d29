using SkiaSharp;

namespace ModelBuildTasks.Corpus.Tests.Text;

/// <summary>The faces that text is rendered with: those of Debian's fonts-dejavu-core, always the same ones, so that the same seed is the same picture.</summary>
internal static class Typefaces
{
    private static readonly string[] Files = ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSerif.ttf", "DejaVuSerif-Bold.ttf", "DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf"];

    private static readonly Lazy<IReadOnlyList<SKTypeface>> Loaded = new(Load);

    /// <exception cref="FileNotFoundException">A face is not installed.</exception>
    public static IReadOnlyList<SKTypeface> All => Loaded.Value;

    private static SKTypeface[] Load()
    {
        string[] folders =
        [
            "/usr/share/fonts",
            "/usr/local/share/fonts",
            Environment.GetFolderPath(Environment.SpecialFolder.Fonts),
            Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "share", "fonts"),
        ];
        var installed = folders.Where(Directory.Exists).SelectMany(folder => Directory.EnumerateFiles(folder, "DejaVu*.ttf", SearchOption.AllDirectories)).ToLookup(Path.GetFileName, StringComparer.Ordinal);
        return [.. Files.Select(file => SKTypeface.FromFile(installed[file].FirstOrDefault() ?? throw new FileNotFoundException($"The font {file} is not installed, and text cannot be rendered without it. On Debian: apt-get install fonts-dejavu-core.")))];
    }
}
