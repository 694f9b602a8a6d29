using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace EdgePublish;

/// <summary>A sample of this repository, published for several targets.</summary>
/// <param name="Name">The project.</param>
/// <param name="Folder">Its folder.</param>
internal sealed record Publication(string Name, string Folder)
{
    public static Publication Of(string name, [CallerFilePath] string thisFile = "") => new(name, Path.GetFullPath(Path.Combine(FolderOf(thisFile), "..", name)));

    /// <summary>Publishes for a runtime identifier into bin/publish; says whether it succeeded.</summary>
    public bool Run(string target)
    {
        var start = new ProcessStartInfo("dotnet") { WorkingDirectory = Folder };
        foreach (var argument in new[] { "publish", "-r", target, "--self-contained", "false", "-o", Path.Combine("bin", "publish", target), "-v", "quiet", "--nologo" })
        {
            start.ArgumentList.Add(argument);
        }

        using var publish = Process.Start(start)!;
        publish.WaitForExit();
        return publish.ExitCode == 0;
    }

    /// <summary>What the build reported of the model that it embedded for a target.</summary>
    public JsonElement Report(string target)
    {
        var path = Path.Combine(Folder, "obj", "Release", "net10.0", target, "aimodels", "digits.report.json");
        return JsonDocument.Parse(File.ReadAllBytes(path)).RootElement;
    }

    // Compiled deterministically, the compiler knows this file below /_/ only; the program then runs from the repository's own folders.
    private static string FolderOf(string file) =>
        File.Exists(file) ? Path.GetDirectoryName(file)! : Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", ".."));
}
