using System.Globalization;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>What a file of ONNX test data is for: input_k.pb an input of the model, output_k.pb what one of its outputs should be.</summary>
/// <param name="Noun">What it is called, in messages and in the files' names.</param>
/// <param name="Verb">What it does with a value, in messages.</param>
internal sealed record TestDataRole(string Noun, string Verb)
{
    public static readonly TestDataRole Input = new("input", "takes");

    public static readonly TestDataRole Output = new("output", "gives");

    private string Prefix => Noun + "_";

    /// <summary>The number behind a prefix in the name of a file or folder; what has no number comes last.</summary>
    public static int Number(string path, string prefix) =>
        int.TryParse(Path.GetFileNameWithoutExtension(path)[prefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : int.MaxValue;

    /// <summary>The files of a folder in this role, by their numbers.</summary>
    public string[] Files(string folder) => DataFile.Guard(folder, () =>
        Directory.GetFiles(folder, Prefix + "*.pb").OrderBy(path => Number(path, Prefix)).ThenBy(path => path, StringComparer.Ordinal).ToArray());

    /// <summary>The port at the position that a file's name tells, or null beyond the last one.</summary>
    public ModelPort? AtPosition(string path, IReadOnlyList<ModelPort> ports) => ports.ElementAtOrDefault(Number(path, Prefix));

    /// <summary>The port of the file's name, or else the one at its position.</summary>
    /// <exception cref="CompressionException">AIM1102: there is neither.</exception>
    public ModelPort Port(string path, ValueFile file, IReadOnlyList<ModelPort> ports) =>
        ports.FirstOrDefault(port => port.Name == file.Name)
        ?? AtPosition(path, ports)
        ?? throw Wrong(path, $"neither its name '{file.Name}' nor its position is that of an {Noun} of the model, which has {ports.Count}. Remove the file or name its value as the {Noun}");

    /// <summary>AIM1102: two files are for one port.</summary>
    public CompressionException Twice(string path, ModelPort port) => Wrong(path, $"another file gives the {Noun} '{port.Name}' already. Keep one file for each {Noun}");

    private static CompressionException Wrong(string path, string what) =>
        new(DiagnosticCodes.DataNameMismatch, path, $"'{Path.GetFileName(path)}' in '{Path.GetFileName(Path.GetDirectoryName(path))}': {what}.");
}
