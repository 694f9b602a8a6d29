using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Corpus.Tests.Models;

/// <summary>A model file and the ONNX test data beside it.</summary>
/// <param name="Path">The model.</param>
internal sealed record CorpusModel(string Path)
{
    /// <summary>All models below the folders, ordered.</summary>
    public static IReadOnlyList<CorpusModel> Find(IEnumerable<string> folders) =>
        [.. folders.SelectMany(folder => Directory.EnumerateFiles(folder, "*.onnx", SearchOption.AllDirectories)).Order(StringComparer.Ordinal).Select(path => new CorpusModel(path))];

    /// <summary>The folder's name where the file has the name of every model, else the file's.</summary>
    public string Name => System.IO.Path.GetFileName(Path) == "model.onnx"
        ? System.IO.Path.GetFileName(System.IO.Path.GetDirectoryName(Path)!)
        : System.IO.Path.GetFileNameWithoutExtension(Path);

    /// <summary>The folders of test data beside the model, ordered.</summary>
    public IReadOnlyList<string> DataSets =>
        [.. Directory.EnumerateDirectories(System.IO.Path.GetDirectoryName(Path)!, "test_data_set_*").Order(StringComparer.Ordinal)];

    /// <summary>The inputs of each test_data_set_*, by name: those that are numeric tensors. Without such a folder, inputs made up until the model runs on some.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, TensorValue>> Samples()
    {
        var folders = DataSets;
        if (folders.Count == 0)
        {
            using var session = ModelSession.Open(Path, new SessionSettings());
            return MadeUpInputs.For(session) is { } inputs ? [inputs] : [];
        }

        var graph = ModelProto.Parser.ParseFrom(File.ReadAllBytes(Path)).Graph;
        var constants = graph.Initializer.Select(tensor => tensor.Name).ToHashSet(StringComparer.Ordinal);
        var ports = graph.Input.Where(input => !constants.Contains(input.Name)).ToArray();
        return ports.All(port => port.Type?.TensorType is { } type && type.ElemType != (int)DataType.String) ? [.. folders.Select(folder => Read(folder, ports))] : [];
    }

    /// <summary>Whether the model draws random numbers, so that no two runs are the same.</summary>
    public bool IsRandom()
    {
        var proto = ModelProto.Parser.ParseFrom(File.ReadAllBytes(Path));
        return proto.Graph.Node.Concat(proto.Functions.SelectMany(function => function.Node))
            .Any(node => node.OpType is "Bernoulli" or "Multinomial" || node.OpType.StartsWith("Random", StringComparison.Ordinal));
    }

    private static Dictionary<string, TensorValue> Read(string folder, ValueInfoProto[] ports)
    {
        var inputs = new Dictionary<string, TensorValue>(StringComparer.Ordinal);
        for (var index = 0; index < ports.Length; index++)
        {
            if (System.IO.Path.Combine(folder, $"input_{index}.pb") is var file && File.Exists(file))
            {
                var tensor = TensorProto.Parser.ParseFrom(File.ReadAllBytes(file));
                inputs[ports[index].Name] = new TensorValue(tensor.ElementType(), [.. tensor.Dims], tensor.Bytes().ToArray());
            }
        }

        return inputs;
    }
}
