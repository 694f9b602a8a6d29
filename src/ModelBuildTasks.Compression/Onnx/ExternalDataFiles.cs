using ModelBuildTasks.Compression.Diagnostics;

namespace ModelBuildTasks.Compression.Onnx;

/// <summary>Which files beside a model hold its external data.</summary>
internal static class ExternalDataFiles
{
    /// <summary>
    /// The full paths, each once, in ordinal order, found by skipping through the file: no tensor is read and no protobuf type loaded, since builds that are up to date ask for this too.
    /// </summary>
    /// <exception cref="CompressionException">AIM1001, AIM1002: the model is unreadable or none. AIM1004, AIM1005: a file is missing or outside the model's folder.</exception>
    public static IReadOnlyList<string> Of(string modelPath)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(modelPath))!;
        var files = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var location in Locations(modelPath))
        {
            var path = ContainedPath.Resolve(folder, location) ?? throw ModelErrors.ExternalDataOutsideFolder(modelPath, location);
            files.Add(File.Exists(path) ? path : throw ModelErrors.ExternalDataMissing(modelPath, location, "does not exist"));
        }

        return [.. files];
    }

    private static HashSet<string> Locations(string modelPath) => WireFile.Read(modelPath, (reader, length) => new ExternalLocationReader(reader).Model(length));
}
