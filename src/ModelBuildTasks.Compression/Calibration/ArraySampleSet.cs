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
    private readonly string[]? texts;

    private ArraySampleSet(string path, int count, Dictionary<string, InputArray> inputs, IReadOnlyList<StatePair> states, int[]? labels, string[]? texts)
    {
        this.path = path;
        Count = count;
        States = states;
        this.inputs = inputs;
        this.labels = labels;
        this.texts = texts;
    }

    public override int Count { get; }

    public override bool HasLabels => labels is not null;

    public override bool HasTexts => texts is not null;

    public override IReadOnlyList<StatePair> States { get; }

    /// <param name="path">The file.</param>
    /// <param name="ports">The inputs and outputs of the model.</param>
    /// <param name="textLabels">Whether labels may be texts.</param>
    public static ArraySampleSet Open(string path, ModelPorts ports, bool textLabels)
    {
        var arrays = ByName(path, NpyArray.OpenAll(path));
        arrays.Remove(Labels.ArrayName, out var labels);
        if (labels is not null && ports.Inputs.Any(input => input.Name == Labels.ArrayName))
        {
            // A model may call an input "labels".
            arrays.Add(Labels.ArrayName, labels);
            labels = null;
        }

        NameUnnamed(arrays, ports);
        var states = CheckedStates(path, arrays, ports);
        var given = ports.Inputs.Where(input => arrays.ContainsKey(input.Name)).ToDictionary(input => input, input => arrays[input.Name]);
        if (given.Count == 0)
        {
            throw Empty(path);
        }

        var count = CheckedCount(path, given);
        var hasTexts = textLabels && labels is { Element.IsText: true };
        return new ArraySampleSet(
            path,
            count,
            given.ToDictionary(each => each.Key.Name, each => new InputArray(each.Value, each.Key, InputArray.IsWhole(each.Value, each.Key) && each.Value.Rows != count)),
            states,
            labels is null || hasTexts ? null : Labels.Read(labels, count),
            hasTexts ? TextLabels.Read(labels!, count) : null);
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
        var tensors = new Dictionary<string, ModelValue>(inputs.Count);
        foreach (var (name, input) in inputs)
        {
            if (input.IsConstant)
            {
                tensors.Add(name, input.Constant());
                continue;
            }

            if (!readers.TryGetValue(name, out var reader))
            {
                readers.Add(name, reader = input.OpenRows());
            }

            tensors.Add(name, input.Read(reader, index));
        }

        return new Sample(path, index, tensors, labels?[index]) { Text = texts?[index] };
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

    private static void NameUnnamed(Dictionary<string, NpyArray> arrays, ModelPorts ports)
    {
        if (arrays.Count == 1 && arrays.Keys.Single() is "" or UnnamedArray && SoleInput.Of(ports) is { } sole)
        {
            var array = arrays.Values.Single();
            arrays.Clear();
            arrays.Add(sole.Input.Name, array);
        }
    }

    private static IReadOnlyList<StatePair> CheckedStates(string path, Dictionary<string, NpyArray> arrays, ModelPorts ports)
    {
        var names = ports.Inputs.Select(input => input.Name).ToHashSet(StringComparer.Ordinal);
        var (states, missing, reason) = MissingInput.Of(ports, arrays.Keys);
        var extra = arrays.Keys.FirstOrDefault(name => !names.Contains(name));
        if (missing is null && extra is null)
        {
            return states;
        }

        var problem = (missing, extra) switch
        {
            (not null, "") => "a .npy file has one array without a name, but the model has several inputs. Save a .npz file",
            (not null, _) => $"there is no array for the model's input '{missing.Name}'{reason}; the file has {List(arrays.Keys)}. Name each array as the input it is for",
            _ => $"the array '{extra}' is no input of the model, which has {List(names)}. Remove the array or give it an input's name (or '{Labels.ArrayName}')",
        };
        throw new CompressionException(DiagnosticCodes.DataNameMismatch, path, $"'{Path.GetFileName(path)}': {problem}.");
    }

    // Arrays that cannot be one whole input tell the number of samples. Where all can, they are samples if all have the same number of rows, and else one sample.
    private static int CheckedCount(string path, Dictionary<ModelPort, NpyArray> given)
    {
        var counting = given.FirstOrDefault(each => !InputArray.IsWhole(each.Value, each.Key)).Value;
        var first = counting ?? given.Values.First();
        var count = counting is not null || given.Values.All(array => array.Rows == first.Rows) ? first.Rows : 1;
        if (given.FirstOrDefault(each => each.Value.Rows != count && !InputArray.IsWhole(each.Value, each.Key)) is { Value: { } other, Key: { } input })
        {
            var once = input.Shape.All(dimension => dimension >= 0) ? $", or once, in the input's own shape {ShapeText.Of(input.Shape)}, what holds for all samples" : "";
            throw new CompressionException(
                DiagnosticCodes.DataShapeMismatch,
                path,
                $"'{Path.GetFileName(path)}': {other.Title} has {other.Rows} samples, but {first.Title} has {count}. Give every input the same number of samples{once}.");
        }

        return count <= int.MaxValue
            ? (int)count
            : throw new CompressionException(DiagnosticCodes.DataShapeMismatch, path, $"'{Path.GetFileName(path)}': {first.Title} claims {count} samples. Give at most {int.MaxValue}.");
    }

    private static string List(IEnumerable<string> names)
    {
        var quoted = names.Order(StringComparer.Ordinal).Select(name => $"'{name}'").ToArray();
        return quoted.Length == 0 ? "none" : string.Join(", ", quoted);
    }
}
