using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>The element types of a graph's values: what the file says, and what follows from it for the operators that matter to <see cref="HalfPrecision"/>.</summary>
internal sealed class ValueTypes
{
    private readonly OnnxGraph graph;
    private readonly ValueTypes? outer;
    private readonly int opset;
    private readonly Dictionary<string, DataType> types = [];

    /// <param name="graph">The graph.</param>
    /// <param name="outer">Those of the graph around it.</param>
    /// <param name="opset">The version of the default operator set.</param>
    public ValueTypes(OnnxGraph graph, ValueTypes? outer, int opset)
    {
        this.graph = graph;
        this.outer = outer;
        this.opset = opset;
        foreach (var value in graph.Proto.ValueInfo.Concat(graph.Proto.Output).Concat(graph.Proto.Input))
        {
            if (value.Type?.TensorType is { ElemType: not 0 } tensor)
            {
                types[value.Name] = (DataType)tensor.ElemType;
            }
        }

        foreach (var tensor in graph.Proto.Initializer)
        {
            types[tensor.Name] = tensor.ElementType();
        }

        foreach (var node in graph.Nodes)
        {
            Infer(node);
        }
    }

    /// <summary>The type of a value, of this graph or one around it; null where it is not known.</summary>
    public DataType? Of(string value) => types.TryGetValue(value, out var type) ? type : graph.Owner(value) == graph ? null : outer?.Of(value);

    private void Infer(NodeProto node)
    {
        if (!node.IsStandard())
        {
            return;
        }

        if (HalfOperators.Form(node, opset) is { } form)
        {
            foreach (var output in form.OutputsOf(node))
            {
                Set(node, output, form.InputsOf(node).Select(input => Of(node.Input[input])).FirstOrDefault());
            }

            return;
        }

        Set(node, 0, node.OpType switch
        {
            "And" or "Equal" or "Greater" or "GreaterOrEqual" or "IsInf" or "IsNaN" or "Less" or "LessOrEqual" or "Not" or "Or" or "Xor" => DataType.Bool,
            "ArgMax" or "ArgMin" or "NonZero" or "Shape" or "Size" => DataType.Int64,
            "Cast" => (DataType)node.Int64("to", 0),
            "Constant" => graph.Constant(node.Output[0])?.ElementType(),
            "ConstantOfShape" => node.Attribute("value")?.T?.ElementType() ?? DataType.Float,
            _ => HalfOperators.KeepsType(node) ? Of(node.InputOrEmpty(0)) : null,
        });
    }

    private void Set(NodeProto node, int output, DataType? type)
    {
        if (type is { } known && output < node.Output.Count)
        {
            types.TryAdd(node.Output[output], known);
        }
    }
}
