using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Search;

/// <summary>Adds the nodes of which probes are made; each method returns the name of what it computes.</summary>
internal sealed class ProbeNodes(OnnxModel model, OnnxGraph graph)
{
    /// <summary>DynamicQuantizeLinear is in the operator set since this version.</summary>
    public const int FirstOpsetOfDynamicRanges = 11;

    private readonly QuantizeNodes quantize = new(graph, model);

    /// <summary>A new name.</summary>
    public string NewName() => graph.UniqueName("probe");

    /// <summary>A constant.</summary>
    public string Constant(TensorProto tensor) => graph.AddInitializer(tensor);

    /// <summary>A node with one output.</summary>
    public string Add(string operation, string[] inputs, Func<NodeProto, NodeProto>? with = null)
    {
        var node = NewNode.Of(operation, inputs, NewName());
        graph.Add(with is null ? node : with(node));
        return node.Output[0];
    }

    /// <summary>A node again, with some inputs replaced; returns what it computes in place of one of its outputs.</summary>
    public string Copy(NodeProto node, IEnumerable<(int Index, string Value)> inputs, string? first, string output)
    {
        var copy = node.Clone();
        copy.Name = "";
        for (var index = 0; index < copy.Output.Count; index++)
        {
            copy.Output[index] = copy.Output[index].Length == 0 ? "" : NewName();
        }

        copy.Input[0] = first ?? copy.Input[0];
        foreach (var (index, value) in inputs)
        {
            copy.Input[index] = value;
        }

        graph.Add(copy);
        return copy.Output[node.Output.IndexOf(output)];
    }

    /// <summary>An activation as it is after it was stored as bytes.</summary>
    public string Stored(string value, ActivationParameters parameters)
    {
        var scale = Constant(TensorValues.Create(NewName(), [parameters.Scale]));
        var zeroPoint = Constant(TensorValues.Create(NewName(), [(byte)parameters.ZeroPoint]));
        var (quantized, restored) = (NewName(), NewName());
        quantize.Quantize(value, scale, zeroPoint, quantized);
        quantize.Dequantize(quantized, scale, zeroPoint, restored);
        return Shielded(restored);
    }

    /// <summary>An activation as it is after it was stored as bytes with the range of this run.</summary>
    public string StoredDynamically(string value)
    {
        var node = NewNode.Of("DynamicQuantizeLinear", [value], NewName());
        node.Output.Add([NewName(), NewName()]);
        graph.Add(node);
        return Shielded(Add("DequantizeLinear", [.. node.Output]));
    }

    /// <summary>A result less a number for each of its channels.</summary>
    public string Less(string value, double[] numbers, int dimensionsBehind) =>
        Add("Sub", [value, Constant(TensorValues.Create(NewName(), Array.ConvertAll(numbers, number => (float)number), [numbers.Length, .. Enumerable.Repeat(1L, dimensionsBehind)]))]);

    /// <summary>x − y.</summary>
    public string Difference(string left, string right) => Add("Sub", [left, right]);

    /// <summary>Σ x², a float.</summary>
    public string SumOfSquares(string value) => Add("ReduceSumSquare", [Add("Cast", [value], node => node.With("to", (long)DataType.Float))], node => node.With("keepdims", 0L));

    // Nobody looks through a Max of one operand: behind a DequantizeLinear the runtime would quantize the probe itself.
    private string Shielded(string value) => Add("Max", [value]);
}
