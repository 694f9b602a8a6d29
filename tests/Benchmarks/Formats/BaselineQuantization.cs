using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Quantization.Weights;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace Benchmarks.Formats;

/// <summary>
/// What the table is held against: static quantization as ONNX Runtime's own tool does it by default. Unsigned activations and signed symmetric weights with one scale per tensor, ranges from min to max, and
/// QuantizeLinear and DequantizeLinear around every operator that its list names, whether or not a kernel comes of it. A node of the main graph only, as there.
/// </summary>
internal sealed class BaselineQuantization
{
    private readonly OnnxGraph graph;
    private readonly QuantizeNodes nodes;
    private readonly IReadOnlyDictionary<string, ValueRange> ranges;
    private readonly OrderedDictionary<string, ActivationParameters> activations = [];
    private readonly OrderedDictionary<string, float> weights = [];
    private readonly List<(NodeProto Node, int Input)> biases = [];

    private BaselineQuantization(OnnxGraph graph, QuantizeNodes nodes, IReadOnlyDictionary<string, ValueRange> ranges)
    {
        this.graph = graph;
        this.nodes = nodes;
        this.ranges = ranges;
    }

    /// <summary>Quantizes a model in place.</summary>
    /// <param name="model">The model, simplified.</param>
    /// <param name="ranges">The range of every float value, by name.</param>
    public static void Apply(OnnxModel model, IReadOnlyDictionary<string, ValueRange> ranges)
    {
        var graph = model.EditGraph();
        // Below 10 there is no integer convolution, and the runtime would refuse the model.
        OperatorSetUpgrade.RaiseForActivations(model, graph);
        var quantization = new BaselineQuantization(graph, new QuantizeNodes(graph, model), ranges);
        foreach (var node in graph.Nodes.Where(node => node.IsStandard()))
        {
            quantization.Plan(node);
        }

        quantization.Write();
        graph.RemoveUnused();
        graph.Commit();
    }

    private void Plan(NodeProto node)
    {
        switch (node.OpType)
        {
            case "Conv" or "ConvTranspose" or "Gemm" or "LayerNormalization" or "InstanceNormalization" or "BatchNormalization":
                QuantizeActivation(node.Input[0]);
                QuantizeWeight(node.InputOrEmpty(1));
                biases.Add((node, 2));
                QuantizeActivation(node.Output[0]);
                break;
            case "MatMul":
                QuantizeWeight(node.Input[0]);
                QuantizeWeight(node.Input[1]);
                QuantizeActivation(node.Output[0]);
                break;
            case "Add" or "Mul" or "Concat" or "AveragePool" or "GlobalAveragePool" or "Sigmoid" or "LeakyRelu" or "Where":
                foreach (var value in node.Input)
                {
                    QuantizeActivation(value);
                }

                QuantizeActivation(node.Output[0]);
                break;
            case "Softmax":
                QuantizeActivation(node.Input[0]);
                activations.TryAdd(node.Output[0], ActivationParameters.OfShares);
                break;
            case "Relu" or "Clip" when activations.ContainsKey(node.Input[0]):
                Absorb(node);
                break;
            case "Reshape" or "Transpose" or "Squeeze" or "Unsqueeze" or "MaxPool" or "Slice" or "Gather" or "Resize" or "Pad" or "Split" or "TopK" when activations.TryGetValue(node.Input[0], out var parameters):
                // Values that are moved keep their scale. Only the first output of MaxPool and TopK holds any.
                foreach (var output in (node.OpType == "Split" ? node.Output : node.Output.Take(1)).Where(ranges.ContainsKey))
                {
                    activations.TryAdd(output, parameters);
                }

                break;
        }
    }

    /// <summary>A Relu or Clip whose input is quantized and read by nothing else goes: its output's range saturates instead.</summary>
    private void Absorb(NodeProto clip)
    {
        var (input, output) = (clip.Input[0], clip.Output[0]);
        if (graph.Consumers(input).Count > 1 || graph.IsGraphOutput(input) || graph.Producer(input) is not { } producer || !ranges.ContainsKey(output))
        {
            QuantizeActivation(output);
            return;
        }

        activations.Remove(input);
        graph.Remove(clip);
        graph.SetOutput(producer, producer.Output.IndexOf(input), output);
        QuantizeActivation(output);
    }

    private void QuantizeActivation(string value)
    {
        if (FloatConstant(value) is { } constant)
        {
            var (minimum, maximum) = (0f, 0f);
            foreach (var each in constant.Singles())
            {
                (minimum, maximum) = (Math.Min(minimum, each), Math.Max(maximum, each));
            }

            activations.TryAdd(value, ActivationParameters.FromRange(new ValueRange(minimum, maximum)));
        }
        else if (ranges.TryGetValue(value, out var range))
        {
            activations.TryAdd(value, ActivationParameters.FromRange(range));
        }
    }

    private void QuantizeWeight(string value)
    {
        if (FloatConstant(value) is { } constant)
        {
            weights.TryAdd(value, WeightQuantizer.Positive(WeightQuantizer.Scales(new SinglesReader(constant), Whole(constant)))[0]);
        }
        else
        {
            QuantizeActivation(value);
        }
    }

    private static ChannelAxis Whole(TensorProto tensor) => new(1, 1, (int)tensor.ElementCount(), 0);

    private TensorProto? FloatConstant(string value) => graph.Constant(value) is { } constant && constant.ElementType() == DataType.Float && constant.ElementCount() > 0 ? constant : null;

    private void Write()
    {
        foreach (var (node, input) in biases)
        {
            WriteBias(node, input);
        }

        foreach (var (value, scale) in weights)
        {
            var tensor = graph.Constant(value)!;
            var quantized = WeightQuantizer.Quantize(new SinglesReader(tensor), Whole(tensor), [scale], graph.NewPayload);
            var stem = ValueNames.Stem(value);
            var bytes = graph.AddInitializer(TensorValues.Create(stem + "_quantized", DataType.Int8, quantized.Values, [.. tensor.Dims]));
            Restore(value, bytes, scale, TensorValues.Create(stem + "_zero_point", [(sbyte)0]));
        }

        foreach (var (value, parameters) in activations.Where(each => !weights.ContainsKey(each.Key)))
        {
            Write(value, parameters);
        }
    }

    private void Write(string value, ActivationParameters parameters)
    {
        var stem = ValueNames.Stem(value);
        var zeroPoint = TensorValues.Create(stem + "_zero_point", [(byte)parameters.ZeroPoint]);
        if (FloatConstant(value) is { } constant)
        {
            var bytes = Array.ConvertAll(constant.Singles().ToArray(), each => (byte)Math.Clamp(Math.Round(each / parameters.Scale) + parameters.ZeroPoint, byte.MinValue, byte.MaxValue));
            Restore(value, graph.AddInitializer(TensorValues.Create(stem + "_quantized", bytes, [.. constant.Dims])), parameters.Scale, zeroPoint);
            return;
        }

        var quantized = graph.UniqueName(stem + "_quantized");
        var (scaleName, zeroPointName) = (graph.AddInitializer(TensorValues.Create(stem + "_scale", [parameters.Scale])), graph.AddInitializer(zeroPoint));
        if (graph.IsGraphOutput(value) && graph.Producer(value) is { } producer)
        {
            var computed = graph.UniqueName(stem + "_computed");
            graph.SetOutput(producer, producer.Output.IndexOf(value), computed);
            nodes.Quantize(computed, scaleName, zeroPointName, quantized);
            nodes.Dequantize(quantized, scaleName, zeroPointName, value);
            return;
        }

        var restored = graph.UniqueName(stem + "_dequantized");
        ReplaceReaders(value, restored);
        nodes.Quantize(value, scaleName, zeroPointName, quantized);
        nodes.Dequantize(quantized, scaleName, zeroPointName, restored);
    }

    /// <summary>An int32 bias in the unit of the products, where both factors are quantized.</summary>
    private void WriteBias(NodeProto node, int input)
    {
        if (FloatConstant(node.InputOrEmpty(input)) is not { } bias || !activations.TryGetValue(node.Input[0], out var activation) || !weights.TryGetValue(node.Input[1], out var weightScale) || node.Single("beta", 1) != 1)
        {
            return;
        }

        var scale = Math.Max(activation.Scale * weightScale, ScaleRange.Smallest);
        var values = Array.ConvertAll(bias.Singles().ToArray(), value => (int)Math.Clamp(Math.Round((double)value / scale), int.MinValue, int.MaxValue));
        var stem = ValueNames.Stem(node.Input[input]);
        var restored = graph.UniqueName(stem + "_dequantized");
        nodes.Dequantize(graph.AddInitializer(TensorValues.Create(stem + "_quantized", values, [.. bias.Dims])), graph.AddInitializer(TensorValues.Create(stem + "_scale", [scale])), null, restored);
        graph.SetInput(node, input, restored);
    }

    private void Restore(string value, string bytes, float scale, TensorProto zeroPoint)
    {
        var stem = ValueNames.Stem(value);
        var restored = graph.UniqueName(stem + "_dequantized");
        ReplaceReaders(value, restored);
        nodes.Dequantize(bytes, graph.AddInitializer(TensorValues.Create(stem + "_scale", [scale])), graph.AddInitializer(zeroPoint), restored);
    }

    // Readers inside subgraphs keep the float value, as with the tool.
    private void ReplaceReaders(string value, string restored)
    {
        foreach (var reader in graph.Consumers(value).Where(reader => reader.Index >= 0))
        {
            graph.SetInput(reader.Node, reader.Index, restored);
        }
    }
}
