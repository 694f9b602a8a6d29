namespace ModelBuildTasks.Compression.Packaging;

/// <summary>Earlier results by key: pruned/&lt;key&gt;.onnx with pruned/&lt;key&gt;.json, ranges/&lt;key&gt;.json, models/&lt;key&gt;.onnx or .ort with models/&lt;key&gt;.json and perhaps .onnx.br or .ort.br, reports/&lt;key&gt;.json. Entries appear whole and never change.</summary>
/// <param name="Folder">The cache's folder.</param>
internal sealed record ResultCache(string Folder)
{
    private static readonly string[] Kinds = ["pruned", "ranges", "models", "reports"];

    // Long enough for branches that come back, short enough that obj/ does not grow without end.
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(30);

    // Longer than any file is being written.
    private static readonly TimeSpan LifetimeOfTemporaries = TimeSpan.FromHours(1);

    /// <summary>The pruned model of a pruning key.</summary>
    public string Pruned(string key) => Path.Combine(Folder, "pruned", key + ".onnx");

    /// <summary>What pruning did to it.</summary>
    public string PrunedReport(string key) => Path.Combine(Folder, "pruned", key + ".json");

    /// <summary>The ranges of a calibration key.</summary>
    public string Ranges(string key) => Path.Combine(Folder, "ranges", key + ".json");

    /// <summary>The compressed model of a compression key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="extension">.onnx or .ort: ONNX Runtime tells its own format by it.</param>
    public string Model(string key, string extension = ".onnx") => Path.Combine(Folder, "models", key + extension);

    /// <summary>The same model, packed.</summary>
    /// <param name="key">The key.</param>
    /// <param name="extension">That of the model.</param>
    public string Packed(string key, string extension) => Model(key, extension) + BrotliFile.Extension;

    /// <summary>What became of the layers of a compression key.</summary>
    public string Passes(string key) => Path.Combine(Folder, "models", key + ".json");

    /// <summary>The report of an evaluation key.</summary>
    public string Report(string key) => Path.Combine(Folder, "reports", key + ".json");

    /// <summary>Whether an entry exists; one that is used lives on.</summary>
    public static bool Holds(string entry)
    {
        if (!File.Exists(entry))
        {
            return false;
        }

        File.SetLastWriteTimeUtc(entry, DateTime.UtcNow);
        return true;
    }

    /// <summary>Removes entries that nothing used for thirty days, and what a killed process left half-written.</summary>
    public void RemoveExpired()
    {
        var now = DateTime.UtcNow;
        foreach (var kind in Kinds.Select(kind => new DirectoryInfo(Path.Combine(Folder, kind))).Where(kind => kind.Exists))
        {
            foreach (var file in kind.EnumerateFiles())
            {
                if (now - file.LastWriteTimeUtc > (file.Extension == ".tmp" ? LifetimeOfTemporaries : Lifetime))
                {
                    file.Delete();
                }
            }
        }
    }
}
