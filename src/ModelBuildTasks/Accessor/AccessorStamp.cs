using System.Globalization;
using System.Text;
using ModelBuildTasks.Compression.Packaging;

namespace ModelBuildTasks.Accessor;

/// <summary>
/// What the accessor was last made from, beside it: generating it anew in every up-to-date build took 10 ms, comparing this takes 1. A file of its own, since times and paths must not reach the source
/// that is compiled.
/// </summary>
internal sealed class AccessorStamp
{
    private readonly StringBuilder text = new();

    /// <summary>Starts with the generator's own identity.</summary>
    public AccessorStamp() => Add(typeof(AccessorStamp).Module.ModuleVersionId.ToString("N"));

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
