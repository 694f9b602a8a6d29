using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>
/// Weights as bytes and the layer in float: Mul(Cast(bytes), scale). ONNX Runtime folds it into a float constant when it loads the model, at every optimization level but "disabled",
/// which it never does for a DequantizeLinear; so the layer runs exactly as it did.
/// </summary>
internal sealed class WeightOnlyWriter(OnnxGraph graph)
{
    private readonly Dictionary<string, LayerChange> restored = [];

    /// <summary>Stores a weight as bytes for all its readers; null, and nothing changed, where that would not make the file smaller.</summary>
    public LayerChange? Write(string name, LayerWeight weight)
    {
        if (restored.TryGetValue(name, out var change))
        {
            return change;
        }

        // Decided before the work: the bytes, the scales and two nodes against four bytes a weight.
        var stem = ValueNames.Stem(name);
        var fixedBytes = Nodes(stem + "_q", stem + "_c", stem + "_s", stem + "_d").Sum(node => node.CalculateSize() + TensorOverhead(stem, weight));
        var elements = weight.Tensor.ElementCount();
        if (elements + (4L * weight.Axis.Channels) + fixedBytes >= 4 * elements)
        {
            return null;
        }

        var values = new SinglesReader(weight.Tensor);
        var quantized = WeightQuantizer.Quantize(values, weight.Axis, WeightQuantizer.Scales(values, weight.Axis), graph.NewPayload);
        var bytes = graph.AddInitializer(TensorValues.Create(stem + "_q", DataType.Int8, quantized.Values, [.. weight.Tensor.Dims]));
        return Restore(name, new StoredWeight(bytes, quantized, weight));
    }

    /// <summary>Lets every reader of a weight read it restored from bytes that are in the graph already.</summary>
    public LayerChange Restore(string name, StoredWeight stored)
    {
        var stem = ValueNames.Stem(name);
        var scales = stored.Quantized.Scales;
        var scale = graph.AddInitializer(TensorValues.Create(stem + "_s", scales, stored.Weight.ScaleDims));
        var value = graph.UniqueName(stem + "_d");
        graph.ReplaceUses(name, value);
        foreach (var node in Nodes(stored.Name, graph.UniqueName(stem + "_c"), scale, value))
        {
            graph.Add(node);
        }

        return restored[name] = new LayerChange(stored.Quantized.Values.Size() + (4L * scales.Length), stored.Quantized.Signal, stored.Quantized.Noise);
    }

    // Names, shapes and tags of two tensors in place of one.
    private static int TensorOverhead(string stem, LayerWeight weight) => stem.Length + 8 + (2 * weight.Tensor.Dims.Count);

    private static NodeProto[] Nodes(string bytes, string cast, string scale, string value)
    {
        var toFloat = new NodeProto { OpType = "Cast" };
        toFloat.Input.Add(bytes);
        toFloat.Output.Add(cast);
        toFloat.Attribute.Add(new AttributeProto { Name = "to", Type = AttributeProto.Types.AttributeType.Int, I = (int)DataType.Float });
        var multiply = new NodeProto { OpType = "Mul" };
        multiply.Input.AddRange([cast, scale]);
        multiply.Output.Add(value);
        return [toFloat, multiply];
    }
}
