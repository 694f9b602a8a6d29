using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>The element types of a graph's values: what the file says, else what follows from the operators (their type constraints, docs/Operators.md of ONNX).</summary>
internal sealed class ValueTypes
{
    private readonly OnnxGraph graph;
    private readonly ValueTypes? outer;
    private readonly Dictionary<string, DataType> types = [];

    /// <summary>Values of unknown types that are computed from no floating-point number.</summary>
    private readonly HashSet<string> withoutFloats = [];

    /// <param name="graph">The graph, as it is now: what is edited later is not seen.</param>
    /// <param name="outer">The types of the graph around it; null for a main graph.</param>
    public ValueTypes(OnnxGraph graph, ValueTypes? outer = null)
    {
        this.graph = graph;
        this.outer = outer;
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

    /// <summary>The type of a value, of this graph or one around it; null where it is no tensor or nothing tells.</summary>
    public DataType? Of(string value) => types.TryGetValue(value, out var type) ? type : IsOwn(value) ? null : outer?.Of(value);

    /// <summary>Whether a value holds floating-point numbers, or may do so: what nothing tells the type of is taken for one, unless it is computed from none.</summary>
    public bool MayBeFloat(string value) => Of(value) is { } type ? FloatConversion.IsKnown(type) : !IsWithoutFloats(value);

    /// <summary>Whether a node takes or gives floating-point numbers, or may do so, in its subgraphs too; constants that it takes count only where it has no other input.</summary>
    public bool ComputesInFloat(NodeProto node) =>
        node.Input.Where(input => input.Length > 0 && graph.Constant(input) is null).Concat(node.Output.Where(output => output.Length > 0)).Any(MayBeFloat)
        || graph.Inner(node).Any(inner => new ValueTypes(inner, this) is var types && inner.Nodes.Any(types.ComputesInFloat));

    private bool IsOwn(string value) => outer is null || graph.Owner(value) == graph;

    private bool IsWithoutFloats(string value) => withoutFloats.Contains(value) || (!IsOwn(value) && outer!.IsWithoutFloats(value));

    private void Infer(NodeProto node)
    {
        // A subgraph may make floats of nothing.
        var hasSubgraph = node.IsStandard() && node.OpType is "If" or "Loop" or "Scan";
        var inputs = node.Input.Where(input => input.Length > 0).ToArray();
        for (var index = 0; index < node.Output.Count; index++)
        {
            var output = node.Output[index];
            if (output.Length == 0 || types.ContainsKey(output))
            {
                continue;
            }

            if (node.IsStandard() && OfOutput(node, index) is { } type && type != DataType.Undefined)
            {
                types.Add(output, type);
            }
            else if (!hasSubgraph && inputs.Length > 0 && !inputs.Any(MayBeFloat))
            {
                withoutFloats.Add(output);
            }
        }
    }

    private DataType? OfOutput(NodeProto node, int index)
    {
        DataType? Input(int input) => Of(node.InputOrEmpty(input));
        DataType Named(string attribute) => (DataType)node.Int64(attribute, (long)DataType.Float);
        return node.OpType switch
        {
            "Constant" => ConstantNodes.Tensor(node)?.ElementType(),
            "Cast" => (DataType)node.Int64("to", (long)DataType.Undefined),
            "ConstantOfShape" => node.Attribute("value")?.T?.ElementType() ?? DataType.Float,
            "Shape" or "Size" or "NonZero" or "ArgMax" or "ArgMin" or "NonMaxSuppression" or "SequenceLength" => DataType.Int64,
            "Equal" or "Greater" or "GreaterOrEqual" or "Less" or "LessOrEqual" or "And" or "Or" or "Not" or "Xor" or "IsNaN" or "IsInf" or "OptionalHasElement" or "RegexFullMatch" => DataType.Bool,
            "MaxPool" or "TopK" or "Unique" or "StringSplit" => index == 0 ? Input(0) : DataType.Int64,
            "Dropout" => index == 0 ? Input(0) : DataType.Bool,
            "LayerNormalization" => index == 0 ? Input(0) : Named("stash_type"),
            "Where" or "CastLike" => Input(1),
            "OneHot" => Input(2),
            "QuantizeLinear" => node.InputOrEmpty(2).Length > 0 ? Input(2) : DataType.Uint8,
            "DynamicQuantizeLinear" => index == 1 ? DataType.Float : DataType.Uint8,
            "QLinearConv" or "QLinearMatMul" => Input(7),
            "ConvInteger" or "MatMulInteger" => DataType.Int32,
            "DequantizeLinear" => Input(1),
            "RandomNormal" or "RandomUniform" => Named("dtype"),
            "BlackmanWindow" or "HammingWindow" or "HannWindow" or "MelWeightMatrix" => Named("output_datatype"),
            "TfIdfVectorizer" => DataType.Float,
            "Bernoulli" or "EyeLike" or "RandomNormalLike" or "RandomUniformLike" => node.Attribute("dtype") is null ? Input(0) : Named("dtype"),
            "Multinomial" => (DataType)node.Int64("dtype", (long)DataType.Int32),
            // A subgraph tells the type, or the result may be no tensor.
            "If" or "Loop" or "Scan" or "SequenceMap" or "SequenceAt" or "SequenceConstruct" or "SequenceEmpty" or "SequenceErase" or "SequenceInsert" or "SplitToSequence" or "ConcatFromSequence" or "Optional" or "OptionalGetElement" => null,
            _ => node.Input.Count > 0 ? Input(0) : null,
        };
    }
}
