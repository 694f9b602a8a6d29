using Google.Protobuf;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;
using ModelBuildTasks.Compression.SecondOrder;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Pruning;

/// <summary>A weight of a model's layers.</summary>
/// <param name="Weight">The weight, as its first layer reads it.</param>
/// <param name="Reader">That layer.</param>
/// <param name="Observed">How its layers multiply it; null where they do not, or something else reads it too.</param>
/// <param name="DenseReason">Why nothing is taken out of it; null where something may be.</param>
internal sealed record PrunableWeight(LayerWeight Weight, NodeProto Reader, ObservedLayer? Observed, string? DenseReason)
{
    /// <summary>Fewer weights are not worth what they cost.</summary>
    private const int LeastWeights = 256;

    /// <summary>How many weights it has.</summary>
    public long Count => Weight.Tensor.ElementCount();

    /// <summary>The weights of a graph and those inside it, each once, in the order in which they are first read.</summary>
    public static IReadOnlyList<PrunableWeight> Of(OnnxGraph graph)
    {
        foreach (var inner in graph.WithInner())
        {
            ToInitializers(inner);
        }

        var observed = ObservedLayer.Of(graph, (_, _) => true).ToDictionary<ObservedLayer, TensorProto>(layer => layer.Weight.Tensor, ReferenceEqualityComparer.Instance);
        var found = new OrderedDictionary<TensorProto, PrunableWeight>(ReferenceEqualityComparer.Instance);
        foreach (var inner in graph.WithInner())
        {
            foreach (var node in inner.Nodes.Where(node => node.IsLayer(inner)))
            {
                foreach (var weight in Layers.Weights(node, inner))
                {
                    var reason = Dense(node, weight);
                    found[weight.Tensor] = found.TryGetValue(weight.Tensor, out var known)
                        ? known with { DenseReason = known.DenseReason ?? reason }
                        : new PrunableWeight(weight, node, observed.GetValueOrDefault(weight.Tensor), reason);
                }
            }
        }

        return [.. found.Values];
    }

    /// <summary>The elements as they are stored.</summary>
    public ByteString Bytes => Weight.Tensor.HasRawData ? Weight.Tensor.RawData : UnsafeByteOperations.UnsafeWrap(Weight.Tensor.Bytes().ToArray());

    /// <summary>Puts other values in its place. One that is not of 32 bits keeps its elements, but for those that are zero now.</summary>
    /// <param name="values">As many floats.</param>
    public void Write(float[] values)
    {
        if (Weight.Tensor.ElementType() == DataType.Float)
        {
            Write(UnsafeByteOperations.UnsafeWrap(LittleEndian.Bytes<float>(values).ToArray()));
            return;
        }

        var bytes = Bytes.ToByteArray();
        ClearZeros(values, bytes, bytes.Length / values.Length);
        Write(UnsafeByteOperations.UnsafeWrap(bytes));
    }

    /// <summary>Clears the elements of a part whose values are zero.</summary>
    /// <param name="values">What becomes of them.</param>
    /// <param name="bytes">The elements as they are stored.</param>
    /// <param name="size">The bytes of an element.</param>
    public static void ClearZeros(ReadOnlySpan<float> values, Span<byte> bytes, int size)
    {
        for (var index = 0; index < values.Length; index++)
        {
            if (values[index] == 0)
            {
                bytes.Slice(index * size, size).Clear();
            }
        }
    }

    /// <summary>Puts other values in its place, stored as before.</summary>
    /// <param name="bytes">The elements as raw_data has them.</param>
    public void Write(ByteString bytes)
    {
        var tensor = Weight.Tensor;
        tensor.FloatData.Clear();
        tensor.DoubleData.Clear();
        tensor.Int32Data.Clear();
        tensor.RawData = bytes;
    }

    private static string? Dense(NodeProto node, LayerWeight weight) =>
        node.OpType == "Gather" ? "a table that is looked up stays dense"
        : node.OpType == "Conv" && node.Int64("group", 1) > 1 && weight.Tensor.Dims[1] == 1 ? "a depthwise convolution stays dense: each of its few weights is all that some channel has"
        : weight.Tensor.ElementCount() < LeastWeights ? $"fewer than {LeastWeights} weights stay dense"
        : null;

    // Values of a Constant node may have a form that cannot be edited in place.
    private static void ToInitializers(OnnxGraph graph)
    {
        var names = graph.Nodes.Where(node => node.IsLayer(graph)).SelectMany(node => Layers.Weights(node, graph)).Select(weight => weight.Name).Distinct(StringComparer.Ordinal);
        foreach (var name in names.ToArray())
        {
            if (graph.Owner(name) == graph && graph.Producer(name) is not null && graph.Constant(name) is { } tensor)
            {
                var copy = tensor.Clone();
                copy.Name = name;
                graph.ReplaceUses(name, graph.AddInitializer(copy));
            }
        }

        graph.RemoveUnused();
        graph.Commit();
    }
}
