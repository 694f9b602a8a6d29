using System.Globalization;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>
/// ONNX test data: each folder test_data_set_n is one sample, and each input_k.pb in it a tensor, for the input of its name or else for the k-th input of the model.
/// Shapes may differ between samples where the model's are dynamic. A tensor is the whole input: its batch axis included.
/// </summary>
internal sealed class TestDataSampleSet : SampleSet
{
    private const string FolderPrefix = "test_data_set_";
    private const string FilePrefix = "input_";

    private readonly IReadOnlyList<string> folders;
    private readonly IReadOnlyList<ModelPort> inputs;

    /// <summary>Reads every tensor once to check it; none is kept.</summary>
    /// <exception cref="CompressionException">AIM1101 to AIM1104, AIM1106.</exception>
    public TestDataSampleSet(IReadOnlyList<string> folders, IReadOnlyList<ModelPort> inputs)
    {
        this.folders = folders;
        this.inputs = inputs;
        for (var index = 0; index < folders.Count; index++)
        {
            Read(index);
        }
    }

    public override int Count => folders.Count;

    public override bool HasLabels => false;

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
        var tensors = new Dictionary<string, TensorValue>(inputs.Count);
        foreach (var path in Files(folders[index]))
        {
            var tensor = TensorFile.Read(path);
            var input = inputs.FirstOrDefault(input => input.Name == tensor.Name) ?? AtPosition(path, tensor);
            if (!tensors.TryAdd(input.Name, Value(path, tensor, input)))
            {
                throw Wrong(DiagnosticCodes.DataNameMismatch, path, $"another file gives the input '{input.Name}' already. Keep one file for each input");
            }
        }

        return inputs.FirstOrDefault(input => !tensors.ContainsKey(input.Name)) is { } missing
            ? throw new CompressionException(
                DiagnosticCodes.DataNameMismatch,
                folders[index],
                $"'{Path.GetFileName(folders[index])}': no file {FilePrefix}*.pb holds a tensor for the model's input '{missing.Name}'. Give one for each input.")
            : new Sample(folders[index], index, tensors, null);
    }

    private static string[] Files(string folder) => DataFile.Guard(folder, () =>
        Directory.GetFiles(folder, FilePrefix + "*.pb").OrderBy(path => Number(path, FilePrefix)).ThenBy(path => path, StringComparer.Ordinal).ToArray());

    private ModelPort AtPosition(string path, TensorProto tensor)
    {
        var position = Number(path, FilePrefix);
        return position < inputs.Count
            ? inputs[position]
            : throw Wrong(DiagnosticCodes.DataNameMismatch, path, $"neither its name '{tensor.Name}' nor its position is that of an input of the model, which has {inputs.Count}. Remove the file or name its tensor as the input");
    }

    private static TensorValue Value(string path, TensorProto tensor, ModelPort input)
    {
        var type = tensor.ElementType();
        if (type != input.Type)
        {
            throw Wrong(DiagnosticCodes.DataTypeMismatch, path, $"its tensor has the element type {Name(type)}, but the model's input '{input.Name}' takes {Name(input.Type)}. Save it with that type");
        }

        // The runtime tells no axes both for a single number and for an input whose rank is unknown.
        long[] shape = [.. tensor.Dims];
        var model = input.Shape;
        if (model.Length > 0 && (shape.Length != model.Length || shape.Where((dimension, axis) => model[axis] >= 0 && model[axis] != dimension).Any()))
        {
            throw Wrong(DiagnosticCodes.DataShapeMismatch, path, $"its tensor has the shape {ShapeText.Of(shape)}, but the model's input '{input.Name}' takes {ShapeText.Of(model)}. Save the whole input, its batch axis included");
        }

        var bytes = tensor.HasRawData ? tensor.RawData.Memory : tensor.Bytes().ToArray();
        return NumericConversion.FirstNotFinite(bytes.Span, type) is >= 0 and var element
            ? throw Wrong(DiagnosticCodes.DataNotFinite, path, $"its tensor has a NaN or an infinity in element {element}. Remove the sample or correct its values")
            : new TensorValue(type, shape, bytes);
    }

    private static string Name(TensorProto.Types.DataType type) => type.ToString().ToLowerInvariant();

    private static CompressionException Wrong(string code, string path, string what) =>
        new(code, path, $"'{Path.GetFileName(path)}' in '{Path.GetFileName(Path.GetDirectoryName(path))}': {what}.");
}
