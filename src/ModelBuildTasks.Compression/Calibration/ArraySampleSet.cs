using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>The samples of one .npz or .npy file, streamed from it.</summary>
internal sealed class ArraySampleSet : SampleSet
{
    // What NumPy calls the first array of savez(file, array).
    private const string UnnamedArray = "arr_0";

    private readonly string path;
    private readonly Dictionary<string, InputArray> inputs;
    private readonly int[]? labels;

    private ArraySampleSet(string path, int count, Dictionary<string, InputArray> inputs, int[]? labels)
    {
        this.path = path;
        Count = count;
        this.inputs = inputs;
        this.labels = labels;
    }

    public override int Count { get; }

    public override bool HasLabels => labels is not null;

    public static ArraySampleSet Open(string path, IReadOnlyList<ModelPort> inputs)
    {
        var arrays = ByName(path, NpyArray.OpenAll(path));
        arrays.Remove(Labels.ArrayName, out var labels);
        if (labels is not null && inputs.Any(input => input.Name == Labels.ArrayName))
        {
            // A model may call an input "labels".
            arrays.Add(Labels.ArrayName, labels);
            labels = null;
        }

        NameUnnamed(arrays, inputs);
        CheckNames(path, arrays, inputs);
        var count = CheckedCount(path, arrays, inputs);
        return new ArraySampleSet(
            path,
            count,
            inputs.ToDictionary(input => input.Name, input => new InputArray(arrays[input.Name], input)),
            labels is null ? null : Labels.Read(labels, count));
    }

    public override IEnumerable<Sample> Read(IEnumerable<int> indices)
    {
        var readers = new Dictionary<string, IRowReader>();
        try
        {
            foreach (var index in indices)
            {
                ArgumentOutOfRangeException.ThrowIfNegative(index, nameof(indices));
                ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count, nameof(indices));
                yield return DataFile.Guard(path, () => Read(readers, index));
            }
        }
        finally
        {
            foreach (var reader in readers.Values)
            {
                reader.Dispose();
            }
        }
    }

    private Sample Read(Dictionary<string, IRowReader> readers, int index)
    {
        var tensors = new Dictionary<string, TensorValue>(inputs.Count);
        foreach (var (name, input) in inputs)
        {
            if (!readers.TryGetValue(name, out var reader))
            {
                readers.Add(name, reader = input.OpenRows());
            }

            tensors.Add(name, input.Read(reader, index));
        }

        return new Sample(path, index, tensors, labels?[index]);
    }

    private static Dictionary<string, NpyArray> ByName(string path, IReadOnlyList<NpyArray> arrays)
    {
        var byName = new Dictionary<string, NpyArray>(StringComparer.Ordinal);
        foreach (var array in arrays)
        {
            if (!byName.TryAdd(array.Name, array))
            {
                throw DataFile.Unreadable(path, $"it holds two arrays named '{array.Name}'");
            }
        }

        return byName;
    }

    private static void NameUnnamed(Dictionary<string, NpyArray> arrays, IReadOnlyList<ModelPort> inputs)
    {
        if (inputs.Count == 1 && arrays.Count == 1 && arrays.Keys.Single() is "" or UnnamedArray)
        {
            var array = arrays.Values.Single();
            arrays.Clear();
            arrays.Add(inputs[0].Name, array);
        }
    }

    private static void CheckNames(string path, Dictionary<string, NpyArray> arrays, IReadOnlyList<ModelPort> inputs)
    {
        var names = inputs.Select(input => input.Name).ToHashSet(StringComparer.Ordinal);
        var missing = inputs.FirstOrDefault(input => !arrays.ContainsKey(input.Name))?.Name;
        var extra = arrays.Keys.FirstOrDefault(name => !names.Contains(name));
        if (missing is null && extra is null)
        {
            return;
        }

        var problem = (missing, extra) switch
        {
            (not null, "") => "a .npy file has one array without a name, but the model has several inputs. Save a .npz file",
            (not null, _) => $"there is no array for the model's input '{missing}'; the file has {List(arrays.Keys)}. Name each array as the input it is for",
            _ => $"the array '{extra}' is no input of the model, which has {List(names)}. Remove the array or give it an input's name (or '{Labels.ArrayName}')",
        };
        throw new CompressionException(DiagnosticCodes.DataNameMismatch, path, $"'{Path.GetFileName(path)}': {problem}.");
    }

    private static int CheckedCount(string path, Dictionary<string, NpyArray> arrays, IReadOnlyList<ModelPort> inputs)
    {
        var first = arrays[inputs[0].Name];
        foreach (var input in inputs)
        {
            if (arrays[input.Name].Rows != first.Rows)
            {
                throw new CompressionException(
                    DiagnosticCodes.DataShapeMismatch,
                    path,
                    $"'{Path.GetFileName(path)}': {arrays[input.Name].Title} has {arrays[input.Name].Rows} samples, but {first.Title} has {first.Rows}. Give every input the same number of samples.");
            }
        }

        if (first.Rows > int.MaxValue)
        {
            throw new CompressionException(DiagnosticCodes.DataShapeMismatch, path, $"'{Path.GetFileName(path)}': {first.Title} claims {first.Rows} samples. Give at most {int.MaxValue}.");
        }

        return (int)first.Rows;
    }

    private static string List(IEnumerable<string> names)
    {
        var quoted = names.Order(StringComparer.Ordinal).Select(name => $"'{name}'").ToArray();
        return quoted.Length == 0 ? "none" : string.Join(", ", quoted);
    }
}
