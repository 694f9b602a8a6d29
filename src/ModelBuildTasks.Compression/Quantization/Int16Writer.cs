using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>
/// Writes a QuantizeLinear and a DequantizeLinear of 16 bits for each activation of a plan. Layers between them keep float weights and biases: ONNX Runtime's CPU provider has no kernel of 16-bit integers and computes in float, and a
/// weight behind a DequantizeLinear would be restored on every run (0.17 times the speed).
/// </summary>
/// <param name="model">The model.</param>
/// <param name="graph">Its graph.</param>
/// <param name="plan">The plan; other plans may have been written since it was made, as long as they do not store the same values.</param>
internal sealed class Int16Writer(OnnxModel model, OnnxGraph graph, Int16Plan plan)
{
    /// <summary>QuantizeLinear and DequantizeLinear have 16 bits since this version; below it the runtime's own operators serve.</summary>
    private const int FirstOpset = 21;

    private readonly QuantizeNodes nodes = new(graph, model, FirstOpset);
    private readonly SharedConstants constants = new(graph);

    public void Write()
    {
        foreach (var activation in plan.Activations)
        {
            Write(activation);
        }

        foreach (var layer in graph.Nodes.Where(plan.Layers.Contains))
        {
            KeepWeight(layer);
        }
    }

    /// <summary>
    /// Puts a LeakyRelu in front of the QuantizeLinear that a layer leads to. The runtime stores the weight of a Conv or Gemm between DequantizeLinear and QuantizeLinear, with or without Relu or Clip, as bytes with one scale when it
    /// loads the model, and restores it on every run (WeightBiasQuantization of 1.31.1: 4.7 dB less on the digit network). With slope 0 it is the Relu, with slope 1 it changes nothing; float layers fuse it.
    /// </summary>
    private void KeepWeight(NodeProto layer)
    {
        if (graph.Producer(layer.Input[0])?.OpType != "DequantizeLinear")
        {
            return;
        }

        for (var last = layer; graph.Consumers(last.Output[0]) is [{ Node: var next }];)
        {
            if (next.OpType == "QuantizeLinear")
            {
                if (last.OpType == "Relu")
                {
                    FloatClips.Rewrite(last, graph);
                    return;
                }

                var same = graph.UniqueName(ValueNames.Stem(last.Output[0]) + "_l");
                graph.Add(NewNode.Of("LeakyRelu", [last.Output[0]], same).With("alpha", 1f));
                graph.SetInput(next, 0, same);
                return;
            }

            // The runtime makes a Gemm of MatMul and Add.
            if (!next.IsStandard("Relu") && !next.IsStandard("Clip") && !(next.IsStandard("Add") && last.OpType == "MatMul"))
            {
                return;
            }

            last = next;
        }
    }

    private void Write(Int16Activation activation)
    {
        var (value, stem) = (activation.Value, ValueNames.Stem(activation.Value));
        var scale = constants.Add(TensorValues.Create(stem + "_s", [activation.Parameters.Scale]));
        var zeroPoint = constants.Add(activation.Parameters.ZeroPointTensor());
        var quantized = graph.UniqueName(stem + "_q");
        if (activation.ForAll)
        {
            var (producer, computed) = (graph.Producer(value)!, graph.UniqueName(stem + "_f"));
            graph.SetOutput(producer, producer.Output.IndexOf(value), computed);
            nodes.Quantize(computed, scale, zeroPoint, quantized);
            nodes.Dequantize(quantized, scale, zeroPoint, value);
            return;
        }

        var restored = graph.UniqueName(stem + "_d");
        var readers = graph.Consumers(value).Where(reader => reader.Index == 0 && plan.Layers.Contains(reader.Node)).ToArray();
        nodes.Quantize(value, scale, zeroPoint, quantized);
        nodes.Dequantize(quantized, scale, zeroPoint, restored);
        foreach (var reader in readers)
        {
            graph.SetInput(reader.Node, 0, restored);
        }
    }
}
