namespace ModelBuildTasks.Compression.Tests.Modeling;

/// <summary>The files of this repository that tests read.</summary>
internal static class Repository
{
    private static readonly string Folder = Find(new DirectoryInfo(AppContext.BaseDirectory));

    /// <summary>The path of a file.</summary>
    /// <param name="parts">The folders from the repository's own on, and the name.</param>
    public static string File(params string[] parts) => Path.Combine([Folder, .. parts]);

    private static string Find(DirectoryInfo folder) => System.IO.File.Exists(Path.Combine(folder.FullName, "global.json")) ? folder.FullName : Find(folder.Parent!);
}
