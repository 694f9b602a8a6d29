using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>
/// A Relu or Clip that alone reads a product with a float result is written with other operators that compute the same.
/// </summary>
/// <remarks>
/// ONNX Runtime 1.31.1 takes such a node for the one that a QuantizeLinear makes redundant; where the next node is no QuantizeLinear it then fuses nothing, and
/// the weight is dequantized on every run (seen: DequantizeLinear, FusedGemm in place of QGemm, Relu).
/// </remarks>
internal static class FloatClips
{
    /// <summary>Max and Min broadcast since this version.</summary>
    public const int FirstOpsetOfBroadcast = 8;

    /// <summary>The Relu or Clip that alone reads a value, or null.</summary>
    public static NodeProto? Behind(string value, OnnxGraph graph) =>
        !graph.IsGraphOutput(value) && graph.Consumers(value) is [{ Index: 0, Node: var node }] && (node.IsStandard("Relu") || node.IsStandard("Clip")) ? node : null;

    public static void Rewrite(NodeProto clip, OnnxGraph graph)
    {
        var (input, output) = (clip.Input[0], clip.Output[0]);
        graph.Remove(clip);
        if (clip.OpType == "Relu")
        {
            graph.Add(NewNode.Of("LeakyRelu", [input], output, clip.Name).With("alpha", 0f));
            return;
        }

        var bounds = new[] { (Operation: "Max", Bound: Bound(clip, 1, "min", graph)), (Operation: "Min", Bound: Bound(clip, 2, "max", graph)) }.Where(bound => bound.Bound.Length > 0).ToArray();
        for (var i = 0; i < bounds.Length; i++)
        {
            var result = i == bounds.Length - 1 ? output : graph.UniqueName(ValueNames.Stem(output) + "_m");
            graph.Add(NewNode.Of(bounds[i].Operation, [input, bounds[i].Bound], result));
            input = result;
        }

        if (bounds.Length == 0)
        {
            graph.Add(NewNode.Of("Identity", [input], output, clip.Name));
        }
    }

    private static string Bound(NodeProto clip, int input, string attribute, OnnxGraph graph) => clip.Attribute(attribute) is { } written
        ? graph.AddInitializer(TensorValues.Create($"{ValueNames.Stem(clip.Output[0])}_{attribute}", [written.F]))
        : clip.InputOrEmpty(input);
}
