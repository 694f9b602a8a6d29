namespace ModelBuildTasks.Compression.Packaging;

/// <summary>Earlier results by key: ranges/&lt;key&gt;.json, models/&lt;key&gt;.onnx with models/&lt;key&gt;.json, reports/&lt;key&gt;.json. Entries appear whole and never change.</summary>
/// <param name="Folder">The cache's folder.</param>
internal sealed record ResultCache(string Folder)
{
    // Long enough for branches that come back, short enough that obj/ does not grow without end.
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(30);

    /// <summary>The ranges of a calibration key.</summary>
    public string Ranges(string key) => Path.Combine(Folder, "ranges", key + ".json");

    /// <summary>The compressed model of a compression key.</summary>
    public string Model(string key) => Path.Combine(Folder, "models", key + ".onnx");

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
        if (!Directory.Exists(Folder))
        {
            return;
        }

        var oldest = DateTime.UtcNow - Lifetime;
        foreach (var file in Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories))
        {
            var age = File.GetLastWriteTimeUtc(file);
            var abandoned = file.EndsWith(".tmp", StringComparison.Ordinal) && age < DateTime.UtcNow - TimeSpan.FromHours(1);
            if (age < oldest || abandoned)
            {
                File.Delete(file);
            }
        }
    }
}
