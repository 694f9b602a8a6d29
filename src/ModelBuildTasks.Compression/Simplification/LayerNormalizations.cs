using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Simplification;

/// <summary>Makes layer normalization one operator from operator set 17 on, and below what ONNX Runtime makes one operator of when it loads the model.</summary>
internal static class LayerNormalizations
{
    /// <summary>The first version with the operator LayerNormalization.</summary>
    public const int FirstOpsetOfOperator = 17;

    public static void Apply(OnnxGraph graph, int opset)
    {
        var shapes = new ValueShapes(graph, new Dictionary<string, int>());
        foreach (var node in graph.Nodes)
        {
            if (node.OpType is not ("Div" or "Mul") || graph.Producer(node.Output[0]) != node || LayerNormalizationForm.Of(node, graph, shapes) is not { } form)
            {
                continue;
            }

            if (opset >= FirstOpsetOfOperator)
            {
                string[] inputs = form.Bias is null ? [form.Source, form.Scale] : [form.Source, form.Scale, form.Bias];
                Replace(graph, form.Last, [NewNode.Of("LayerNormalization", inputs, form.Last.Output[0], form.Last.Name).With("axis", -1).With("epsilon", form.Epsilon)]);
            }
            else if (!form.IsCanonical)
            {
                Replace(graph, form.Last, Canonical(graph, form));
            }
        }
    }

    private static NodeProto[] Canonical(OnnxGraph graph, LayerNormalizationForm form)
    {
        var stem = ValueNames.Stem(form.Last.Output[0]);
        string Number(float number) => graph.AddInitializer(TensorValues.Create(stem + "_number", [number]));
        string Value(string part) => graph.UniqueName($"{stem}_{part}");
        NodeProto Mean(string value, string mean) => NewNode.Of("ReduceMean", [value], mean).With("axes", [-1L]).With("keepdims", 1);
        var (mean, difference, square, variance, shifted, deviation, quotient) = (Value("mean"), Value("difference"), Value("square"), Value("variance"), Value("shifted"), Value("deviation"), Value("quotient"));
        var product = form.Bias is null ? form.Last.Output[0] : Value("product");
        NodeProto[] nodes =
        [
            Mean(form.Source, mean),
            NewNode.Of("Sub", [form.Source, mean], difference),
            NewNode.Of("Pow", [difference, Number(2)], square),
            Mean(square, variance),
            NewNode.Of("Add", [variance, Number(form.Epsilon)], shifted),
            NewNode.Of("Sqrt", [shifted], deviation),
            NewNode.Of("Div", [difference, deviation], quotient),
            NewNode.Of("Mul", [quotient, form.Scale], product),
        ];
        return form.Bias is null ? nodes : [.. nodes, NewNode.Of("Add", [product, form.Bias], form.Last.Output[0], form.Last.Name)];
    }

    private static void Replace(OnnxGraph graph, NodeProto last, NodeProto[] replacements)
    {
        graph.Remove(last);
        Array.ForEach(replacements, graph.Add);
        graph.RemoveUnused();
    }
}
