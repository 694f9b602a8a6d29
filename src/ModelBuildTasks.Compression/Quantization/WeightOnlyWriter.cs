using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>
/// Weights as bytes and the layer in float: Mul(Cast(bytes), scale), with another Cast where scales have 16 bits (<see cref="HalfScales"/>), and a Cast behind it where the layer computes in another float. ONNX Runtime folds it into a constant when it loads the model, at every
/// optimization level but "disabled", which it never does for a DequantizeLinear; so the layer runs exactly as it did.
/// </summary>
/// <param name="graph">The graph.</param>
/// <param name="searchesScales">Whether scales are those with the least error; else those that just hold each channel.</param>
/// <param name="rounder">Rounds weights.</param>
internal sealed class WeightOnlyWriter(OnnxGraph graph, bool searchesScales, IWeightRounder rounder)
{
    private readonly Dictionary<string, (StoredWeight Weight, LayerChange Change)> restored = [];

    /// <summary>What became of a weight that was written or restored.</summary>
    public StoredWeight Stored(string weight) => restored[weight].Weight;

    /// <summary>What became of a weight that is stored already; null where it is not.</summary>
    public LayerChange? Restored(string name) => restored.TryGetValue(name, out var known) ? known.Change : null;

    /// <summary>Stores a weight as bytes for all its readers; null, and nothing changed, where that would not make the file smaller.</summary>
    public LayerChange? Write(LayerWeight weight)
    {
        if (restored.TryGetValue(weight.Name, out var known))
        {
            return known.Change;
        }

        // Decided before the work: the bytes, the scales and the nodes against what the weight takes now.
        var stem = ValueNames.Stem(weight.Name);
        var fixedBytes = Nodes(weight, stem + "_q", stem + "_s", stem + "_d", suffix => stem + suffix).Sum(node => node.CalculateSize()) + (2 * TensorOverhead(stem, weight));
        if (weight.Tensor.ElementCount() + (4L * weight.Axis.Channels) + fixedBytes >= weight.Tensor.SizeInBytes())
        {
            return null;
        }

        var scales = WeightRounding.Scales(new SinglesReader(weight.Tensor), weight.Axis, null, searchesScales);
        var quantized = rounder.ToBytes(new ByteGrid(weight, 1, null, IsTable(weight) ? scales : HalfScales.Rounded(scales)), graph.NewPayload);
        var bytes = graph.AddInitializer(TensorValues.Create(stem + "_q", DataType.Int8, quantized.Values, [.. weight.Tensor.Dims]));
        return Restore(new StoredWeight(bytes, quantized, weight));
    }

    /// <summary>Lets every reader of a weight read it restored from bytes that are in the graph already.</summary>
    public LayerChange Restore(StoredWeight stored)
    {
        var (name, stem) = (stored.Weight.Name, ValueNames.Stem(stored.Weight.Name));
        var scales = stored.Quantized.Scales;
        var areHalf = !IsTable(stored.Weight) && HalfScales.Fit(scales);
        var scale = graph.AddInitializer(areHalf ? HalfScales.Tensor(stem + "_s", scales, stored.Weight.ScaleDims) : TensorValues.Create(stem + "_s", scales, stored.Weight.ScaleDims));
        if (areHalf)
        {
            var widened = graph.UniqueName(stem + "_w");
            graph.Add(Cast(scale, DataType.Float, widened));
            scale = widened;
        }

        var value = graph.UniqueName(stem + "_d");
        graph.ReplaceUses(name, value);
        foreach (var node in Nodes(stored.Weight, stored.Name, scale, value, suffix => graph.UniqueName(stem + suffix)))
        {
            graph.Add(node);
        }

        var change = new LayerChange(stored.Quantized.Values.Size() + ((areHalf ? 2L : 4L) * scales.Length), stored.Quantized.Signal, stored.Quantized.Noise);
        restored[name] = (stored, change);
        return change;
    }

    // Tables are looked up before they are restored where nothing folds (GatheredBytes), and their scales with them.
    private static bool IsTable(LayerWeight weight) => weight.Input == 0;

    // Names, shapes and tags of two tensors in place of one, told by the longer of the nodes' names.
    private static int TensorOverhead(string stem, LayerWeight weight) => stem.Length + 8 + (2 * weight.Tensor.Dims.Count);

    private static List<NodeProto> Nodes(LayerWeight weight, string bytes, string scale, string value, Func<string, string> newName)
    {
        var type = weight.Tensor.ElementType();
        var cast = newName("_c");
        var product = type == DataType.Float ? value : newName("_f");
        List<NodeProto> nodes = [Cast(bytes, DataType.Float, cast), NewNode.Of("Mul", [cast, scale], product)];
        if (type != DataType.Float)
        {
            // The product is rounded once: a scale of 16 bits could be subnormal.
            nodes.Add(Cast(product, type, value));
        }

        return nodes;
    }

    private static NodeProto Cast(string value, DataType type, string result) => NewNode.Of("Cast", [value], result).With("to", (long)type);
}
