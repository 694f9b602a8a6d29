using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Corrections;
using ModelBuildTasks.Compression.Quantization.Weights;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>
/// Layers on bytes whose input gets its scale on each run, as ONNX Runtime's own operators (com.microsoft DynamicQuantizeMatMul and DynamicQuantizeLSTM, docs/ContribOperators.md): what it would fuse
/// DynamicQuantizeLinear, MatMulInteger, Cast and Mul into, at any operator set.
/// </summary>
/// <param name="graph">The graph of the layers.</param>
/// <param name="model">Its model, which imports the operators.</param>
/// <param name="isPairBound">Whether pairs of weights are bounded: an input can be any unsigned byte.</param>
/// <param name="rounder">Rounds weights.</param>
/// <param name="biases">Corrects the biases of products.</param>
internal sealed class DynamicWriter(OnnxGraph graph, OnnxModel model, bool isPairBound, IWeightRounder rounder, BiasCorrector biases)
{
    private readonly SharedConstants constants = new(graph);
    private readonly Dictionary<(string Name, int Axis), StoredWeight> weights = [];
    private readonly Dictionary<(string Bytes, int Rank), string> turned = [];

    /// <summary>The float weights that are stored as bytes, by name.</summary>
    public Dictionary<string, StoredWeight> Stored { get; } = [];

    /// <summary>Replaces a layer that <see cref="DynamicRules"/> has nothing against.</summary>
    public LayerChange Write(NodeProto node)
    {
        var before = Layers.ConstantBytes(node, graph);
        var stored = Layers.Weights(node, graph).Select(weight => Store(node, weight)).ToArray();
        model.ImportOperatorSet(QuantizeNodes.RuntimeDomain, 1);
        var added = 0L;
        if (node.OpType == "LSTM")
        {
            added = WriteLstm(node, stored);
        }
        else
        {
            // Before the layer becomes another operator, which takes over the bias or the sum.
            added = biases.Correct(node, Layers.Weights(node, graph)[0], stored[0].Restored());
            WriteProduct(node, stored[0]);
        }

        var change = stored.Aggregate(new LayerChange(before, 0, 0), (sum, weight) => sum + new LayerChange(
            weight.Quantized.Values.Size() + (4L * weight.Quantized.Scales.Length) - weight.Weight.Tensor.SizeInBytes(),
            weight.Quantized.Signal,
            weight.Quantized.Noise));
        return change with { Bytes = change.Bytes + added };
    }

    private StoredWeight Store(NodeProto node, LayerWeight weight)
    {
        var key = (weight.Name, weight.Axis.Axis);
        if (!weights.TryGetValue(key, out var stored))
        {
            var bound = isPairBound ? PairBound.ForAnyInput(node, weight) : null;
            var scales = WeightRounding.Scales(new SinglesReader(weight.Tensor), weight.Axis, bound, searches: false);
            var quantized = rounder.ToBytes(new ByteGrid(weight, 1, bound, scales), graph.NewPayload);
            var bytes = graph.AddInitializer(TensorValues.Create(ValueNames.Stem(weight.Name) + "_q", DataType.Int8, quantized.Values, [.. weight.Tensor.Dims]));
            weights.Add(key, stored = new StoredWeight(bytes, quantized, weight));
            Stored.TryAdd(weight.Name, stored);
        }

        return stored;
    }

    /// <summary>Writes the product, and takes in the constant row that is added to it.</summary>
    private void WriteProduct(NodeProto node, StoredWeight weight)
    {
        var (output, stem) = (node.Output[0], ValueNames.Stem(node.Output[0]));
        var channels = weight.Quantized.Scales.Length;
        var bytes = weight.Weight.Axis.Axis == 1 ? weight.Name : Turned(weight.Name, 2);
        var alpha = node.OpType == "Gemm" ? node.Single("alpha", 1) : 1;
        var scale = constants.Add(TensorValues.Create(ValueNames.Stem(weight.Weight.Name) + "_s", TensorValues.Scaled(weight.Quantized.Scales, alpha), channels));
        var addend = node.OpType == "Gemm" ? node.InputOrEmpty(2) : "";
        graph.Remove(node);
        if (node.OpType == "MatMul" && AddedRow(output, channels) is var (addition, row))
        {
            (output, addend) = (addition.Output[0], row);
            graph.Remove(addition);
        }

        var bias = "";
        if (addend.Length > 0 && Row(addend, channels) is { } values)
        {
            var beta = node.OpType == "Gemm" ? node.Single("beta", 1) : 1;
            bias = beta == 1 ? addend : constants.Add(TensorValues.Create(ValueNames.Stem(addend) + "_b", TensorValues.Scaled(values.Singles(), beta), channels));
        }

        var product = addend.Length > 0 && bias.Length == 0 ? graph.UniqueName(stem + "_p") : output;
        string[] inputs = bias.Length == 0 ? [node.Input[0], bytes, scale] : [node.Input[0], bytes, scale, "", bias];
        graph.Add(NewNode.Of("DynamicQuantizeMatMul", inputs, product, node.Name, QuantizeNodes.RuntimeDomain));
        if (product != output)
        {
            graph.Add(NewNode.Of("Add", [product, addend], output));
        }
    }

    /// <summary>Writes the LSTM; says how many bytes its zero points take.</summary>
    private long WriteLstm(NodeProto node, StoredWeight[] stored)
    {
        var lstm = new NodeProto { OpType = "DynamicQuantizeLSTM", Name = node.Name, Domain = QuantizeNodes.RuntimeDomain };
        lstm.Input.Add(node.Input[0]);
        lstm.Input.AddRange(stored.Select(weight => Turned(weight.Name, 3)));
        for (var input = 3; input < 8; input++)
        {
            lstm.Input.Add(node.InputOrEmpty(input));
        }

        var added = 0L;
        foreach (var weight in stored)
        {
            var (directions, rows) = (weight.Weight.Tensor.Dims[0], weight.Weight.Tensor.Dims[1]);
            lstm.Input.Add(constants.Add(TensorValues.Create(ValueNames.Stem(weight.Weight.Name) + "_s", weight.Quantized.Scales, directions, rows)));
            lstm.Input.Add(constants.Add(TensorValues.Create("z", new sbyte[directions * rows], directions, rows)));
            added += directions * rows;
        }

        lstm.Output.AddRange(node.Output);
        lstm.Attribute.AddRange(node.Attribute.Where(attribute => attribute.Name != "layout"));
        graph.Remove(node);
        graph.Add(lstm);
        return added;
    }

    /// <summary>The bytes with their last two dimensions swapped, as the operators read them: turned once, when the model is loaded.</summary>
    private string Turned(string bytes, int rank)
    {
        if (!turned.TryGetValue((bytes, rank), out var name))
        {
            turned.Add((bytes, rank), name = graph.UniqueName(bytes + "t"));
            graph.Add(NewNode.Of("Transpose", [bytes], name).With("perm", rank == 2 ? [1, 0] : [0, 2, 1]));
        }

        return name;
    }

    private (NodeProto Addition, string Row)? AddedRow(string product, int channels)
    {
        if (graph.IsGraphOutput(product) || graph.Consumers(product) is not [{ Index: >= 0, Node: var next }] || !next.IsStandard("Add"))
        {
            return null;
        }

        var row = next.Input[next.Input[0] == product ? 1 : 0];
        return Row(row, channels) is null ? null : (next, row);
    }

    private TensorProto? Row(string name, int channels) => graph.Constant(name) is { Dims: [var length] } row && row.ElementType() == DataType.Float && length == channels ? row : null;
}
