namespace ModelBuildTasks.Items;

/// <summary>Where a project keeps things; all absolute.</summary>
/// <param name="Project">Relative paths in metadata start here.</param>
/// <param name="Output">Compressed models, reports and stamps.</param>
/// <param name="Cache">Earlier results.</param>
internal sealed record ModelFolders(string Project, string Output, string Cache)
{
    /// <summary>The folders of a project, each relative to the project's own.</summary>
    public static ModelFolders Of(string project, string output, string cache) => new(project, Absolute(output, project), Absolute(cache, project));

    /// <summary>An absolute path from one in metadata: relative to the project, with either slash.</summary>
    public string Resolve(string path) => Absolute(path, Project);

    private static string Absolute(string path, string folder) =>
        Path.GetFullPath(Path.DirectorySeparatorChar == '/' ? path.Replace('\\', '/') : path, folder);
}
