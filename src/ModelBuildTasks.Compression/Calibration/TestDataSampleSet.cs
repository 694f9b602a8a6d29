using System.Globalization;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>
/// ONNX test data: each folder test_data_set_n is one sample, and each input_k.pb in it a value, for the input of its name or else for the k-th input of the model.
/// Shapes may differ between samples where the model's are dynamic. A tensor is the whole input: its batch axis included. Each sample is a series of its own: states start anew.
/// </summary>
internal sealed class TestDataSampleSet : SampleSet
{
    private const string FolderPrefix = "test_data_set_";
    private const string FilePrefix = "input_";

    private readonly IReadOnlyList<string> folders;
    private readonly ModelPorts ports;
    private IReadOnlyList<StatePair>? states;

    /// <summary>Reads every value once to check it; none is kept.</summary>
    /// <exception cref="CompressionException">AIM1101 to AIM1104, AIM1106.</exception>
    public TestDataSampleSet(IReadOnlyList<string> folders, ModelPorts ports)
    {
        this.folders = folders;
        this.ports = ports;
        for (var index = 0; index < folders.Count; index++)
        {
            Read(index);
        }
    }

    public override int Count => folders.Count;

    public override bool HasLabels => false;

    public override IReadOnlyList<StatePair> States => states ?? [];

    /// <summary>The folders test_data_set_n of a folder that hold tensors, by their numbers; or the folder itself where it is one.</summary>
    public static IReadOnlyList<string> Find(string folder) => DataFile.Guard(folder, () =>
        IsTestData(folder) ? [folder] : (IReadOnlyList<string>)[.. Directory.EnumerateDirectories(folder, FolderPrefix + "*").Where(IsTestData).OrderBy(path => Number(path, FolderPrefix)).ThenBy(path => path, StringComparer.Ordinal)]);

    public override IEnumerable<Sample> Read(IEnumerable<int> indices)
    {
        foreach (var index in indices)
        {
            yield return Read(index);
        }
    }

    private static bool IsTestData(string folder) =>
        Path.GetFileName(folder).StartsWith(FolderPrefix, StringComparison.Ordinal) && Directory.EnumerateFiles(folder, "*.pb").Any();

    // What has no number comes last.
    private static int Number(string path, string prefix) =>
        int.TryParse(Path.GetFileNameWithoutExtension(path)[prefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : int.MaxValue;

    private Sample Read(int index)
    {
        var values = new Dictionary<string, ModelValue?>(ports.Inputs.Count);
        foreach (var path in Files(folders[index]))
        {
            var file = ValueFile.Read(path);
            var input = ports.Inputs.FirstOrDefault(input => input.Name == file.Name) ?? AtPosition(path, file);
            if (!values.TryAdd(input.Name, TestDataValue.Of(path, file, input)))
            {
                throw Wrong(path, $"another file gives the input '{input.Name}' already. Keep one file for each input");
            }
        }

        var missing = MissingInput.Of(ports, values.Keys);
        if (missing.Input is { } lacking)
        {
            throw new CompressionException(
                DiagnosticCodes.DataNameMismatch,
                folders[index],
                $"'{Path.GetFileName(folders[index])}': no file {FilePrefix}*.pb holds a value for the model's input '{lacking.Name}'{missing.Reason}. Give one for each input.");
        }

        states ??= missing.States;
        return missing.States.SequenceEqual(states)
            ? new Sample(folders[index], index, values.Where(each => each.Value is not null).ToDictionary(each => each.Key, each => each.Value!), null)
            : throw new CompressionException(
                DiagnosticCodes.DataNameMismatch,
                folders[index],
                $"'{Path.GetFileName(folders[index])}' gives other inputs than '{Path.GetFileName(folders[0])}'. Give the states of the model in all samples or in none.");
    }

    private static string[] Files(string folder) => DataFile.Guard(folder, () =>
        Directory.GetFiles(folder, FilePrefix + "*.pb").OrderBy(path => Number(path, FilePrefix)).ThenBy(path => path, StringComparer.Ordinal).ToArray());

    private ModelPort AtPosition(string path, ValueFile file)
    {
        var position = Number(path, FilePrefix);
        return position < ports.Inputs.Count
            ? ports.Inputs[position]
            : throw Wrong(path, $"neither its name '{file.Name}' nor its position is that of an input of the model, which has {ports.Inputs.Count}. Remove the file or name its value as the input");
    }

    private static CompressionException Wrong(string path, string what) =>
        new(DiagnosticCodes.DataNameMismatch, path, $"'{Path.GetFileName(path)}' in '{Path.GetFileName(Path.GetDirectoryName(path))}': {what}.");
}
