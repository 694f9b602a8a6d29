using Google.Protobuf;
using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Simplification;

/// <summary>Writes a scale and a shift of channels into the weight and the bias of the layer before or behind them.</summary>
internal sealed class LayerFold(OnnxGraph graph)
{
    private const int BiasInput = 2;

    /// <summary>Makes a layer give scale · y + shift instead of y; false, and nothing changed, where it cannot.</summary>
    public bool Behind(FoldableLayer layer, ChannelAffine affine)
    {
        if (!layer.HasBias)
        {
            return affine.IsScale && SetWeight(layer, position => affine.ScaleOf(layer.OutputOf(position)), affine.Scale, null);
        }

        if (Bias(layer) is not { } bias)
        {
            return false;
        }

        var isNeeded = layer.Node.InputOrEmpty(BiasInput).Length > 0 || !affine.IsScale;
        for (var channel = 0; channel < bias.Length; channel++)
        {
            bias[channel] = (bias[channel] * affine.ScaleOf(channel)) + affine.ShiftOf(channel);
        }

        return SetWeight(layer, position => affine.ScaleOf(layer.OutputOf(position)), affine.Scale, isNeeded ? bias : null);
    }

    /// <summary>Makes a layer compute what it computed of scale · x + shift from x; false, and nothing changed, where it cannot.</summary>
    public bool InFront(FoldableLayer layer, ChannelAffine affine)
    {
        if (affine.IsScale)
        {
            return SetWeight(layer, position => affine.ScaleOf(layer.InputOf(position)), affine.Scale, null);
        }

        if (!layer.TakesShiftInFront || Bias(layer) is not { } bias)
        {
            return false;
        }

        double alpha = layer.Node.OpType == "Gemm" ? layer.Node.Single("alpha", 1) : 1;
        var weight = new SinglesReader(layer.Weight);
        foreach (var (start, count) in weight.Parts())
        {
            var values = weight.Read(start, count);
            for (var index = 0; index < count; index++)
            {
                bias[layer.OutputOf(start + index)] += alpha * values[index] * affine.ShiftOf(layer.InputOf(start + index));
            }
        }

        return SetWeight(layer, position => affine.ScaleOf(layer.InputOf(position)), affine.Scale, bias);
    }

    /// <summary>The bias that is added to each output channel, beta in it; null where it is not constant or not one number for each channel.</summary>
    private double[]? Bias(FoldableLayer layer)
    {
        var name = layer.Node.InputOrEmpty(BiasInput);
        var bias = new double[layer.Outputs];
        if (name.Length == 0)
        {
            return bias;
        }

        if (graph.Constant(name) is not { } tensor || tensor.ElementType() != DataType.Float
            || tensor.ElementCount() != 1 && (tensor.ElementCount() != layer.Outputs || tensor.Dims[^1] != layer.Outputs))
        {
            return null;
        }

        double beta = layer.Node.OpType == "Gemm" ? layer.Node.Single("beta", 1) : 1;
        var values = tensor.Singles();
        for (var channel = 0; channel < bias.Length; channel++)
        {
            bias[channel] = beta * values[values.Length == 1 ? 0 : channel];
        }

        return bias;
    }

    private bool SetWeight(FoldableLayer layer, Func<long, double> factorAt, double[] scale, double[]? bias)
    {
        var row = bias is null ? null : FoldedNumbers.Rounded(bias);
        if (bias is not null && row is null)
        {
            return false;
        }

        if (!Array.TrueForAll(scale, factor => factor == 1))
        {
            if (FoldedNumbers.Scaled(graph, layer.Weight, scale.Length == 1 ? _ => scale[0] : factorAt) is not { } bytes)
            {
                return false;
            }

            Write(layer, bytes);
        }

        if (row is not null)
        {
            graph.SetInput(layer.Node, BiasInput, graph.AddInitializer(TensorValues.Create(BiasName(layer), row, row.Length)));
            layer.Node.RemoveAttribute("beta");
        }

        return true;
    }

    // In place, so that it keeps the name that errors and other tools know; the value of a Constant node may have another form.
    private void Write(FoldableLayer layer, ByteString bytes)
    {
        if (graph.Producer(layer.Node.Input[1]) is null)
        {
            layer.Weight.FloatData.Clear();
            layer.Weight.RawData = bytes;
        }
        else
        {
            var weight = TensorValues.Create(layer.Node.Input[1], DataType.Float, bytes, [.. layer.Weight.Dims]);
            graph.SetInput(layer.Node, 1, graph.AddInitializer(weight));
        }
    }

    private static string BiasName(FoldableLayer layer) => layer.Node.InputOrEmpty(BiasInput) is { Length: > 0 } name ? name : layer.Node.Input[1] + "_bias";
}
