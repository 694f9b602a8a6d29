using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Simplification;

/// <summary>The gate of the approximated Gelu: 1 + tanh(√(2/π) · (x + 0.044715 · x³)).</summary>
internal static class TanhGate
{
    /// <summary>Whether a value is that gate of x, and nothing else reads what is inside.</summary>
    public static bool IsOf(string value, string source, OnnxGraph graph) =>
        Gelus.OnePlus(value, graph) is { } term && graph.PrivateProducer(term) is { OpType: "Tanh" } tanh
        && graph.PrivateProducer(tanh.Input[0]) is { } scaled && Factors.Of(scaled, graph) is { Values: [var sum] } outer && Gelus.IsNear(outer.Number, Math.Sqrt(2 / Math.PI))
        && graph.PrivateProducer(sum) is { OpType: "Add" } addition && addition.Input.Contains(source)
        && IsCube(addition.Input[addition.Input[0] == source ? 1 : 0], source, graph);

    private static bool IsCube(string value, string source, OnnxGraph graph) =>
        graph.PrivateProducer(value) is { } node && Factors.Of(node, graph) is { } factors && Gelus.IsNear(factors.Number, 0.044715)
        && factors.Values switch
        {
            [var power] => graph.PrivateProducer(power) is { OpType: "Pow" } cube && cube.Input[0] == source && graph.Scalar(cube.Input[1]) == 3,
            [_, _, _] => factors.Values.All(each => each == source),
            _ => false,
        };
}
