using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Quantization.IntegerOnly;

/// <summary>The element type of every value of a graph: what the file says of it, else what follows from the operators (their type constraints, docs/Operators.md of ONNX).</summary>
internal sealed class ValueTypes
{
    private readonly OnnxGraph graph;
    private readonly ValueTypes? outer;
    private readonly Dictionary<string, DataType> types = [];

    /// <param name="graph">The graph.</param>
    /// <param name="outer">The types of the graph around it; null for a main graph.</param>
    public ValueTypes(OnnxGraph graph, ValueTypes? outer = null)
    {
        this.graph = graph;
        this.outer = outer;
        foreach (var value in graph.Proto.ValueInfo.Concat(graph.Proto.Output).Concat(graph.Proto.Input))
        {
            if (value.Type?.TensorType is { } tensor)
            {
                types[value.Name] = (DataType)tensor.ElemType;
            }
        }

        foreach (var node in graph.Nodes)
        {
            for (var index = 0; index < node.Output.Count; index++)
            {
                types.TryAdd(node.Output[index], OfOutput(node, index));
            }
        }
    }

    /// <summary>The type of a value; <see cref="DataType.Undefined"/> where it is no tensor or nothing tells.</summary>
    public DataType Of(string value) => types.TryGetValue(value, out var type) ? type
        : graph.Constant(value) is { } constant ? constant.ElementType()
        : outer?.Of(value) ?? DataType.Undefined;

    /// <summary>
    /// Whether a node takes or gives floating-point numbers, in its subgraphs too; constants that it takes count only where it has no other input. What nothing tells the type of is taken for one.
    /// </summary>
    public bool ComputesInFloat(NodeProto node)
    {
        var inputs = node.Input.Where(input => input.Length > 0 && graph.Constant(input) is null).ToArray();
        return inputs.Concat(node.Output.Where(output => output.Length > 0)).Any(IsFloat)
            || graph.Inner(node).Any(inner => new ValueTypes(inner, this) is var types && inner.Nodes.Any(types.ComputesInFloat));
    }

    /// <summary>Whether a value holds floating-point numbers, or may do so.</summary>
    public bool IsFloat(string value) => Of(value) is var type && (type == DataType.Undefined || FloatConversion.IsKnown(type));

    private DataType OfOutput(NodeProto node, int index)
    {
        DataType Input(int input) => Of(node.InputOrEmpty(input));
        if (!node.IsStandard())
        {
            // An operator of another set may compute anything; where it takes a float, so it may give one.
            return node.Input.Where(input => input.Length > 0).Select(Of).OrderByDescending(FloatConversion.IsKnown).FirstOrDefault();
        }

        return node.OpType switch
        {
            "Constant" => ConstantNodes.Tensor(node)?.ElementType() ?? DataType.Undefined,
            "Cast" => (DataType)node.Int64("to", (long)DataType.Float),
            "ConstantOfShape" => node.Attribute("value")?.T?.ElementType() ?? DataType.Float,
            "Shape" or "Size" or "NonZero" or "ArgMax" or "ArgMin" or "NonMaxSuppression" => DataType.Int64,
            "Equal" or "Greater" or "GreaterOrEqual" or "Less" or "LessOrEqual" or "And" or "Or" or "Not" or "Xor" or "IsNaN" or "IsInf" => DataType.Bool,
            "MaxPool" or "TopK" or "Unique" => index == 0 ? Input(0) : DataType.Int64,
            "Dropout" => index == 0 ? Input(0) : DataType.Bool,
            "Where" or "CastLike" => Input(1),
            "OneHot" => Input(2),
            "QuantizeLinear" => node.InputOrEmpty(2).Length > 0 ? Input(2) : DataType.Uint8,
            "DynamicQuantizeLinear" => index == 1 ? DataType.Float : DataType.Uint8,
            "QLinearConv" or "QLinearMatMul" => Input(7),
            "ConvInteger" or "MatMulInteger" => DataType.Int32,
            "DequantizeLinear" => Input(1),
            "RandomNormal" or "RandomUniform" => (DataType)node.Int64("dtype", (long)DataType.Float),
            "If" or "Loop" or "Scan" => DataType.Undefined,
            _ => node.Input.Count > 0 ? Input(0) : DataType.Undefined,
        };
    }
}
