using System.Globalization;
using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>
/// Whether an operator that may compute on bytes should, as a cost table has it: what it costs there and what in float, each with the operators that follow it and the conversions that the border between bytes and float then takes.
/// </summary>
/// <remarks>One operator at a time, with everything else as it is at the moment. A region of operators that only together would be faster in float is not found.</remarks>
internal sealed class PlanCosts(OnnxGraph graph, ActivationSizes sizes, CostTable table)
{
    /// <summary>Float may cost this much more than bytes and is still taken: two measurements of one thing differ as much, and every rounding to bytes costs accuracy.</summary>
    private const double Noise = 1.1;

    private readonly LayerCosts costs = new(graph, sizes, table);

    /// <summary>Why a node that computes on bytes should not; null where it should, or where the table does not tell.</summary>
    public string? WhyFloat(NodeProto node, BytesState state)
    {
        if (costs.Of(node, onBytes: true) is null)
        {
            return null;
        }

        var without = state.Without(node);
        var changed = without.Dropped;
        var values = Values(changed);
        var int8 = changed.Sum(each => costs.Of(each, onBytes: true) ?? 0) + values.Sum(value => Border(value, state));
        var single = changed.Sum(each => costs.Of(each, onBytes: false) ?? 0) + values.Sum(value => Border(value, without));
        return single < Noise * int8
            ? string.Create(CultureInfo.InvariantCulture, $"the cost table has int8 at {int8 / 1000:F1} µs against float at {single / 1000:F1} µs, conversions between them included")
            : null;
    }

    /// <summary>The values whose conversion may change with these nodes.</summary>
    private List<string> Values(IReadOnlyList<NodeProto> changed)
    {
        var values = new OrderedDictionary<string, bool>();
        foreach (var node in changed)
        {
            foreach (var value in BytesState.Inputs(node).Concat(node.Output))
            {
                values.TryAdd(value, true);
            }

            // The conversion behind a Relu, a Clip or an activation that fuses in float.
            if (node.Output.Count == 1 && FloatClips.Behind(node.Output[0], graph) is { } clip)
            {
                values.TryAdd(clip.Output[0], true);
            }
            else if (costs.FusedActivation(node) is { } activation)
            {
                values.TryAdd(activation.Output[0], true);
            }
        }

        return [.. values.Keys];
    }

    /// <summary>What it takes to have a value in float for those who read floats, and as bytes for those who read bytes.</summary>
    private double Border(string value, BytesState state)
    {
        var borders = table.Borders;
        var thousands = sizes.Of(value) / 1000;
        var readers = graph.Consumers(value);
        if (state.IsBytes(value))
        {
            var floats = readers.Where(reader => !state.ReadsBytes(reader)).ToArray();
            return floats.Length == 0 && !graph.IsGraphOutput(value) ? 0
                : borders.Start + (thousands * (borders.Dequantize + (floats.Any(reader => reader.Node.OpType == "Conv") ? borders.LayoutToFloat : 0)));
        }

        var bytes = readers.Where(state.ReadsBytes).ToArray();
        return bytes.Length == 0 ? 0
            : borders.Start + (thousands * (borders.Quantize + (IsInBlocks(value, state) && bytes.Any(reader => reader.Node.OpType is not ("Gemm" or "MatMul")) ? borders.LayoutToBytes : 0)));
    }

    /// <summary>Whether a float value comes from a float convolution, with nothing between that would not take its layout over.</summary>
    private bool IsInBlocks(string value, BytesState state)
    {
        while (graph.Producer(value) is { } producer && !state.IsBytes(value))
        {
            if (producer.OpType == "Conv")
            {
                return true;
            }

            if (producer.OpType is not ("Relu" or "Clip" or "HardSwish" or "HardSigmoid" or "Sigmoid" or "MaxPool" or "AveragePool" or "GlobalAveragePool" or "Add" or "Mul" or "Concat"))
            {
                return false;
            }

            value = producer.Input[0];
        }

        return false;
    }
}
