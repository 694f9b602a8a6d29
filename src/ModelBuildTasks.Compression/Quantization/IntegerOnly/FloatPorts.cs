using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Quantization.IntegerOnly;

/// <summary>The twin of an integer-only model that takes and gives floats as the original does: a QuantizeLinear behind each quantized input, a DequantizeLinear in front of each quantized output.</summary>
internal static class FloatPorts
{
    /// <summary>Writes the twin and returns its path.</summary>
    /// <param name="path">An integer-only model, whose metadata tells the scales.</param>
    /// <param name="folder">Where the twin goes.</param>
    /// <exception cref="Diagnostics.CompressionException">AIM1001: the model cannot be read. AIM1303: the twin cannot be written.</exception>
    public static string Write(string path, string folder)
    {
        using var model = OnnxModel.Load(path);
        var graph = model.EditGraph();
        var metadata = model.Proto.MetadataProps.GroupBy(entry => entry.Key).ToDictionary(entries => entries.Key, entries => entries.Last().Value);
        var nodes = new QuantizeNodes(graph, model);
        foreach (var input in graph.Proto.Input)
        {
            if (PortQuantization.Find(metadata, PortQuantization.InputKeys(input.Name)) is { } quantization)
            {
                var bytes = graph.UniqueName(input.Name + "_q");
                var (scale, zeroPoint) = Constants(graph, input, quantization);
                graph.ReplaceUses(input.Name, bytes);
                nodes.Quantize(input.Name, scale, zeroPoint, bytes);
            }
        }

        foreach (var output in graph.Proto.Output)
        {
            if (PortQuantization.Find(metadata, PortQuantization.OutputKeys(output.Name)) is { } quantization)
            {
                var bytes = graph.UniqueName(output.Name + "_q");
                var (scale, zeroPoint) = Constants(graph, output, quantization);
                var writer = graph.Producer(output.Name)!;
                graph.ReplaceUses(output.Name, bytes);
                graph.SetOutput(writer, writer.Output.IndexOf(output.Name), bytes);
                nodes.Dequantize(bytes, scale, zeroPoint, output.Name);
            }
        }

        graph.Commit();
        var twin = Path.Combine(folder, "float-ports.onnx");
        model.Save(twin);
        return twin;
    }

    // The type of the port becomes the original's.
    private static (string Scale, string ZeroPoint) Constants(OnnxGraph graph, ValueInfoProto port, PortQuantization quantization)
    {
        var zeroPoint = port.Type.TensorType.ElemType == (int)DataType.Int8 ? TensorValues.Create("z", [(sbyte)quantization.ZeroPoint]) : TensorValues.Create("z", [(byte)quantization.ZeroPoint]);
        port.Type.TensorType.ElemType = (int)DataType.Float;
        return (graph.AddInitializer(TensorValues.Create("s", [quantization.Scale])), graph.AddInitializer(zeroPoint));
    }
}
