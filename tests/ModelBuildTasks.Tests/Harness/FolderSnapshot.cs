using System.Security.Cryptography;

namespace ModelBuildTasks.Tests.Harness;

/// <summary>The files of a folder by content, to see that a failure left them as they were.</summary>
internal sealed class FolderSnapshot
{
    private readonly string folder;
    private readonly SortedDictionary<string, string> files;

    private FolderSnapshot(string folder)
    {
        this.folder = folder;
        files = Read(folder);
    }

    public static FolderSnapshot Of(string folder) => new(folder);

    /// <summary>Every file of the snapshot is still there with the same bytes, and no temporary file was left.</summary>
    public void ShouldBeIntact()
    {
        var now = Read(folder);
        foreach (var (path, hash) in files)
        {
            Assert.IsTrue(now.TryGetValue(path, out var hashNow), $"'{path}' is gone.");
            Assert.AreEqual(hash, hashNow, $"'{path}' changed.");
        }

        ShouldHaveNoTemporaryFile(folder);
    }

    public static void ShouldHaveNoTemporaryFile(string folder) =>
        Assert.IsEmpty(Directory.Exists(folder) ? Directory.GetFiles(folder, "*.tmp", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }) : []);

    private static SortedDictionary<string, string> Read(string folder) =>
        new(Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).ToDictionary(path => Path.GetRelativePath(folder, path), path => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)))));
}
