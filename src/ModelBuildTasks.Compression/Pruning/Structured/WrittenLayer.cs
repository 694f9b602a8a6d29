using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.SecondOrder;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Pruning.Structured;

/// <summary>Gives layers other weights, and puts constants where their biases are.</summary>
internal static class WrittenLayer
{
    /// <summary>Gives a layer other weights.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="matrices">The weights of each group, [depth, outputs].</param>
    public static void SetWeights(OnnxGraph graph, ObservedLayer layer, IEnumerable<double[]> matrices)
    {
        var tensor = layer.Weight.Tensor;
        var values = new float[tensor.ElementCount()];
        var start = 0;
        foreach (var matrix in matrices)
        {
            layer.Inputs.Weights.Write<float>(Array.ConvertAll(matrix, value => (float)value), values.AsSpan(start, matrix.Length));
            start += matrix.Length;
        }

        graph.ReplaceUses(layer.Weight.Name, graph.AddInitializer(TensorValues.Create(layer.Weight.Name, values, [.. tensor.Dims])));
    }

    /// <summary>Whether a constant can be added to a layer's outputs: in the layer, or in the sum of a constant row behind a product of matrices.</summary>
    public static bool TakesIntercepts(OnnxGraph graph, NodeProto node, int outputs) => Place(graph, node, outputs) is not null;

    /// <summary>The constant that is added to a layer's outputs within the layer; null where there is none.</summary>
    public static float[]? Bias(OnnxGraph graph, NodeProto node) => node.OpType != "MatMul" && node.InputOrEmpty(2).Length > 0 ? graph.Constant(node.Input[2])?.Singles().ToArray() : null;

    /// <summary>Sets what is added to a layer's outputs within the layer; behind a product of matrices it is added to what is added there.</summary>
    public static void SetIntercepts(OnnxGraph graph, NodeProto node, double[] intercepts)
    {
        if (Place(graph, node, intercepts.Length) is not { } place)
        {
            return;
        }

        var earlier = place.Node == node ? null : graph.Constant(place.Node.Input[place.Input]);
        var values = new float[intercepts.Length];
        var before = earlier is null ? default : earlier.Singles();
        for (var output = 0; output < values.Length; output++)
        {
            values[output] = (float)(intercepts[output] + (before.Length > 0 ? before[output] : 0));
        }

        long[] dims = earlier is null ? [values.Length] : [.. earlier.Dims];
        graph.SetInput(place.Node, place.Input, graph.AddInitializer(TensorValues.Create(node.Output[0] + "_b", values, dims)));
    }

    private static (NodeProto Node, int Input)? Place(OnnxGraph graph, NodeProto node, int outputs)
    {
        if (node.OpType != "MatMul")
        {
            return node.InputOrEmpty(2).Length == 0 || IsRow(node.Input[2]) ? (node, 2) : null;
        }

        return graph.OnlyReader(node.Output[0]) is { } reader && reader.Node.IsStandard("Add") && IsRow(reader.Node.Input[1 - reader.Index]) ? (reader.Node, 1 - reader.Index) : null;

        bool IsRow(string name) => graph.Constant(name) is { } row && row.ElementType() == DataType.Float && row.ElementCount() == outputs && row.Dims.Count > 0 && row.Dims[^1] == outputs;
    }
}
