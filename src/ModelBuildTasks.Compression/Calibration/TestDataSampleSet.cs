using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>
/// ONNX test data: each folder test_data_set_n is one sample, and each input_k.pb in it a value, for the input of its name or else for the k-th input of the model; output_k.pb is likewise what an output should be.
/// Shapes may differ between samples where the model's are dynamic. A tensor is the whole input: its batch axis included. Each sample is a series of its own: states start anew.
/// </summary>
internal sealed class TestDataSampleSet : SampleSet
{
    private const string FolderPrefix = "test_data_set_";

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
        IsTestData(folder) ? [folder] : (IReadOnlyList<string>)[.. Directory.EnumerateDirectories(folder, FolderPrefix + "*").Where(IsTestData).OrderBy(path => TestDataRole.Number(path, FolderPrefix)).ThenBy(path => path, StringComparer.Ordinal)]);

    public override IEnumerable<Sample> Read(IEnumerable<int> indices)
    {
        foreach (var index in indices)
        {
            yield return Read(index);
        }
    }

    private static bool IsTestData(string folder) =>
        Path.GetFileName(folder).StartsWith(FolderPrefix, StringComparison.Ordinal) && Directory.EnumerateFiles(folder, "*.pb").Any();

    private Sample Read(int index)
    {
        var values = new Dictionary<string, ModelValue?>(ports.Inputs.Count);
        foreach (var path in TestDataRole.Input.Files(folders[index]))
        {
            var file = ValueFile.Read(path);
            var input = TestDataRole.Input.Port(path, file, ports.Inputs);
            if (!values.TryAdd(input.Name, TestDataValue.Of(path, file, input)))
            {
                throw TestDataRole.Input.Twice(path, input);
            }
        }

        var missing = MissingInput.Of(ports, values.Keys);
        if (missing.Input is { } lacking)
        {
            throw new CompressionException(
                DiagnosticCodes.DataNameMismatch,
                folders[index],
                $"'{Path.GetFileName(folders[index])}': no file input_*.pb holds a value for the model's input '{lacking.Name}'{missing.Reason}. Give one for each input.");
        }

        states ??= missing.States;
        return missing.States.SequenceEqual(states)
            ? new Sample(folders[index], index, values.Where(each => each.Value is not null).ToDictionary(each => each.Key, each => each.Value!), null) { Expected = TestDataOutputs.Read(folders[index], ports.Outputs) }
            : throw new CompressionException(
                DiagnosticCodes.DataNameMismatch,
                folders[index],
                $"'{Path.GetFileName(folders[index])}' gives other inputs than '{Path.GetFileName(folders[0])}'. Give the states of the model in all samples or in none.");
    }
}
