using Google.Protobuf;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Corpus.Tests.Models;

/// <summary>Operator tests have their weights as inputs, where nothing can be quantized. Here the inputs behind the first become constants, as an exporter writes them.</summary>
internal static class ConstantInputs
{
    private static readonly HashSet<string> Layers =
    [
        "Attention", "Conv", "ConvInteger", "ConvTranspose", "DeformConv", "Einsum", "GRU", "Gather", "Gemm", "LSTM", "LayerNormalization", "MatMul", "MatMulInteger", "PRelu",
        "QLinearConv", "QLinearMatMul", "RNN", "Resize", "Slice", "Where", "Add", "Mul", "Concat", "Pad", "BatchNormalization", "InstanceNormalization", "GroupNormalization",
    ];

    /// <summary>Writes the model with constants and the test data of its first input into a folder; null where there is nothing to make constant.</summary>
    public static CorpusModel? Write(CorpusModel model, string folder)
    {
        var data = Path.Combine(Path.GetDirectoryName(model.Path)!, "test_data_set_0");
        var proto = ModelProto.Parser.ParseFrom(File.ReadAllBytes(model.Path));
        var inputs = proto.Graph.Input;
        if (!Directory.Exists(data) || inputs.Count < 2 || proto.Graph.Initializer.Count > 0 || proto.Graph.Node.Count == 0
            || !proto.Graph.Node.Any(node => Layers.Contains(node.OpType)) || inputs.Any(input => input.Type?.TensorType is null))
        {
            return null;
        }

        for (var index = 1; index < inputs.Count; index++)
        {
            var tensor = TensorProto.Parser.ParseFrom(File.ReadAllBytes(Path.Combine(data, $"input_{index}.pb")));
            tensor.Name = inputs[index].Name;
            proto.Graph.Initializer.Add(tensor);
        }

        while (inputs.Count > 1)
        {
            inputs.RemoveAt(inputs.Count - 1);
        }

        var place = Directory.CreateDirectory(Path.Combine(folder, $"{model.Name} with constants", "test_data_set_0"));
        foreach (var file in Directory.EnumerateFiles(data, "output_*.pb").Append(Path.Combine(data, "input_0.pb")))
        {
            File.Copy(file, Path.Combine(place.FullName, Path.GetFileName(file)));
        }

        var path = Path.Combine(place.Parent!.FullName, "model.onnx");
        File.WriteAllBytes(path, proto.ToByteArray());
        return new CorpusModel(path);
    }
}
