using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Corpus.Tests.Models;

/// <summary>The outputs that come with a model's test data (output_k.pb), computed by who wrote it.</summary>
internal static class ExpectedOutputs
{
    /// <summary>For each test_data_set_* the outputs that are numeric tensors; none for a model that has no test data or draws random numbers.</summary>
    public static IReadOnlyList<IReadOnlyList<ModelOutput>> Of(CorpusModel model)
    {
        var outputs = ModelProto.Parser.ParseFrom(File.ReadAllBytes(model.Path)).Graph.Output;
        return model.IsRandom() ? [] : [.. model.DataSets.Select(folder => outputs.Select((output, index) => Read(folder, output, index)).OfType<ModelOutput>().ToArray())];
    }

    private static ModelOutput? Read(string folder, ValueInfoProto output, int index)
    {
        var file = Path.Combine(folder, $"output_{index}.pb");
        if (!File.Exists(file) || output.Type?.TensorType is not { } type || type.ElemType == (int)DataType.String)
        {
            return null;
        }

        var tensor = TensorProto.Parser.ParseFrom(File.ReadAllBytes(file));
        return new ModelOutput(output.Name, tensor.ElementType(), [.. tensor.Dims], tensor.Bytes().ToArray());
    }
}
