using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Simplification;

/// <summary>
/// Makes Gelu (Hendrycks and Gimpel 2016, "Gaussian Error Linear Units") one operator from operator set 20 on. Below, the form with the error function gets the shape that ONNX Runtime makes one operator when it loads the
/// model: x / √2, its error function, plus 1, times x, times ½.
/// </summary>
internal static class Gelus
{
    /// <summary>The first version with the operator Gelu.</summary>
    public const int FirstOpsetOfGelu = 20;

    private const double Tolerance = 1e-6;
    private const float RootOfTwo = 1.41421354f;

    public static void Apply(OnnxGraph graph, int opset)
    {
        foreach (var node in graph.Nodes)
        {
            // The product without its ½, or what went into an activation before, is gone.
            if (graph.Producer(node.Output.FirstOrDefault() ?? "") != node || Factors.Of(node, graph) is not { Values: [var first, var second] } factors || !IsNear(factors.Number, 0.5))
            {
                continue;
            }

            var source = IsErrorFunction(second, first, graph) ? first : IsErrorFunction(first, second, graph) ? second : null;
            var sourceOfTanh = source is not null || opset < FirstOpsetOfGelu ? null : TanhGate.IsOf(second, first, graph) ? first : TanhGate.IsOf(first, second, graph) ? second : null;
            if (opset >= FirstOpsetOfGelu && (source ?? sourceOfTanh) is { } argument)
            {
                var gelu = NewNode.Of("Gelu", [argument], node.Output[0], node.Name);
                Replace(graph, node, sourceOfTanh is null ? [gelu] : [gelu.With("approximate", "tanh")]);
            }
            else if (source is not null && !IsCanonical(node, source, graph))
            {
                Replace(graph, node, Canonical(node, source, graph));
            }
        }
    }

    /// <summary>Whether a number is that of a formula, up to the rounding of the constants that it is made of.</summary>
    public static bool IsNear(double number, double expected) => Math.Abs((number / expected) - 1) < Tolerance;

    /// <summary>Whether a value is 1 + erf(x / √2).</summary>
    private static bool IsErrorFunction(string value, string source, OnnxGraph graph) =>
        OnePlus(value, graph) is { } term && graph.PrivateProducer(term) is { OpType: "Erf" } erf
        && ScalarAffine.Before(erf.Input[0], graph) is { Shift: 0 } inner && inner.Source == source && IsNear(inner.Scale, Math.Sqrt(0.5));

    /// <summary>What 1 is added to; null where a value is no such sum, or something else reads it.</summary>
    public static string? OnePlus(string value, OnnxGraph graph) =>
        graph.PrivateProducer(value) is { OpType: "Add" } sum && ScalarOperand.Of(sum, graph) is { Number: 1 } operand ? operand.Value : null;

    private static bool IsCanonical(NodeProto half, string source, OnnxGraph graph) =>
        half.OpType == "Mul" && ScalarOperand.Of(half, graph) is { } whole
        && graph.Producer(whole.Value) is { OpType: "Mul" } product && product.Input.Contains(source)
        && OnePlus(product.Input[product.Input[0] == source ? 1 : 0], graph) is { } term
        && graph.Producer(term) is { OpType: "Erf" } erf && graph.Producer(erf.Input[0]) is { OpType: "Div" };

    private static NodeProto[] Canonical(NodeProto node, string source, OnnxGraph graph)
    {
        var stem = ValueNames.Stem(node.Output[0]);
        string Number(float number) => graph.AddInitializer(TensorValues.Create(stem + "_number", [number]));
        string Value(string part) => graph.UniqueName($"{stem}_{part}");
        var (scaled, erf, sum, product) = (Value("scaled"), Value("erf"), Value("sum"), Value("product"));
        return
        [
            NewNode.Of("Div", [source, Number(RootOfTwo)], scaled),
            NewNode.Of("Erf", [scaled], erf),
            NewNode.Of("Add", [erf, Number(1)], sum),
            NewNode.Of("Mul", [source, sum], product),
            NewNode.Of("Mul", [product, Number(0.5f)], node.Output[0], node.Name),
        ];
    }

    private static void Replace(OnnxGraph graph, NodeProto node, NodeProto[] replacements)
    {
        graph.Remove(node);
        Array.ForEach(replacements, graph.Add);
        graph.RemoveUnused();
    }
}
