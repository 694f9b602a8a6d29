using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization.IntegerOnly;

/// <summary>Lets a model take and give the bytes themselves, and says in its metadata what they mean.</summary>
internal sealed class IntegerPorts(OnnxModel model, OnnxGraph graph)
{
    /// <summary>Takes the QuantizeLinear behind every float input and the DequantizeLinear in front of every float output out of a graph whose other operators are integer ones.</summary>
    public void Write()
    {
        foreach (var input in graph.Proto.Input)
        {
            if (graph.Consumers(input.Name).FirstOrDefault(use => use.Node.OpType == "QuantizeLinear").Node is { } quantize)
            {
                graph.Remove(quantize);
                graph.ReplaceUses(quantize.Output[0], input.Name);
                Describe(input, QuantizedValue.Of(quantize), PortQuantization.InputKeys(input.Name));
            }
        }

        foreach (var output in graph.Proto.Output)
        {
            if (graph.Producer(output.Name) is { OpType: "DequantizeLinear" } dequantize)
            {
                var bytes = dequantize.Input[0];
                var writer = graph.Producer(bytes)!;
                graph.Remove(dequantize);
                graph.ReplaceUses(bytes, output.Name);
                graph.SetOutput(writer, writer.Output.IndexOf(bytes), output.Name);
                Describe(output, QuantizedValue.Behind(dequantize), PortQuantization.OutputKeys(output.Name));
            }
        }
    }

    private void Describe(ValueInfoProto port, QuantizedValue value, (string Scale, string ZeroPoint) keys)
    {
        var quantization = value.Quantization(graph);
        port.Type.TensorType.ElemType = (int)graph.Constant(value.ZeroPoint)!.ElementType();
        Set(keys.Scale, quantization.ScaleText);
        Set(keys.ZeroPoint, quantization.ZeroPointText);
    }

    private void Set(string key, string value)
    {
        if (model.Proto.MetadataProps.FirstOrDefault(entry => entry.Key == key) is { } known)
        {
            known.Value = value;
        }
        else
        {
            model.Proto.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        }
    }
}
