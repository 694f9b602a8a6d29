using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>How the values that are stored as bytes are stored.</summary>
internal static class PlannedActivations
{
    /// <summary>In the order in which they are written.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="state">What computes on bytes.</param>
    /// <param name="absorbed">The Relu or Clip whose clipping an operator takes over; a product writes bytes where it does.</param>
    /// <param name="ranges">What was observed.</param>
    public static IReadOnlyList<QuantizedActivation> Of(OnnxGraph graph, BytesState state, IReadOnlyDictionary<NodeProto, NodeProto> absorbed, IReadOnlyDictionary<string, ValueRange> ranges)
    {
        var known = new Dictionary<string, QuantizedActivation>();
        var activations = new List<QuantizedActivation>();
        foreach (var input in graph.Proto.Input.Select(input => input.Name).Where(IsLayerInput))
        {
            Add(OfRange(input, fromInt8: false));
        }

        foreach (var node in graph.Nodes)
        {
            if (state.Operators.Contains(node) && (!PlanCosts.IsProduct(node) || absorbed.ContainsKey(node)))
            {
                foreach (var output in absorbed.TryGetValue(node, out var clip) ? [clip.Output[0]] : node.Output)
                {
                    Add(!node.IsLayer(graph) && ConnectorRules.KeepsScale(node) ? known[node.Input[0]] with { Value = output, FromInt8 = true } : OfRange(output, fromInt8: true));
                }

                continue;
            }

            foreach (var output in node.Output.Where(output => !known.ContainsKey(output) && IsLayerInput(output)))
            {
                Add(OfRange(output, fromInt8: false));
            }
        }

        return activations;

        bool IsLayerInput(string value) => graph.Consumers(value).Any(use => state.ReadsBytes(use) && use.Node.IsLayer(graph));

        // A softmax is a share of 1 whatever the calibration samples were.
        QuantizedActivation OfRange(string value, bool fromInt8) => graph.Producer(value)?.IsStandard("Softmax") == true
            ? new(value, ActivationParameters.OfShares, fromInt8, null)
            : new(value, ActivationParameters.FromRange(ranges[value]), fromInt8, value);

        void Add(QuantizedActivation activation)
        {
            known.Add(activation.Value, activation);
            activations.Add(activation);
        }
    }
}
