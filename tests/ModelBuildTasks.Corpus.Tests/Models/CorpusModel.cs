using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Diagnostics;
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

    /// <summary>The inputs of each test_data_set_*, by name. Without such a folder, inputs made up until the model runs on some.</summary>
    /// <exception cref="CompressionException">AIM1007: the runtime refuses the model. AIM1101 to AIM1104: the test data holds nothing that it takes.</exception>
    public IReadOnlyList<IReadOnlyDictionary<string, ModelValue>> Samples()
    {
        using var session = ModelSession.Open(Path, new SessionSettings());
        var folders = DataSets;
        return folders.Count > 0 ? [.. folders.Select(folder => Read(folder, session.Inputs))] : MadeUpInputs.For(session) is { } inputs ? [inputs] : [];
    }

    /// <summary>Whether the model draws random numbers, so that no two runs are the same.</summary>
    public bool IsRandom()
    {
        var proto = ModelProto.Parser.ParseFrom(File.ReadAllBytes(Path));
        return proto.Graph.Node.Concat(proto.Functions.SelectMany(function => function.Node))
            .Any(node => node.OpType is "Bernoulli" or "Multinomial" || node.OpType.StartsWith("Random", StringComparison.Ordinal));
    }

    private static Dictionary<string, ModelValue> Read(string folder, IReadOnlyList<ModelPort> ports)
    {
        var inputs = new Dictionary<string, ModelValue>(StringComparer.Ordinal);
        for (var index = 0; index < ports.Count; index++)
        {
            if (System.IO.Path.Combine(folder, $"input_{index}.pb") is var path && File.Exists(path))
            {
                var file = ValueFile.Read(path);
                // Operator tests are about NaN and infinities too, which calibration data may not hold.
                ModelValue? value = file.Tensor is { } tensor && ports[index].IsNumeric && tensor.DataType != (int)DataType.String
                    // Test data from before NumPy had the type holds a bfloat16 as an uint16.
                    ? new TensorValue(ports[index].Type == DataType.Bfloat16 && tensor.ElementType() == DataType.Uint16 ? DataType.Bfloat16 : tensor.ElementType(), [.. tensor.Dims], tensor.Bytes().ToArray())
                    : TestDataValue.Of(path, file, ports[index]);
                if (value is not null)
                {
                    inputs[ports[index].Name] = value;
                }
            }
        }

        return inputs;
    }
}
