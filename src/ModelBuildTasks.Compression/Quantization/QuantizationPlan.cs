using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>A decision about every layer and every activation of a graph, made before anything is edited.</summary>
/// <param name="Layers">In node order.</param>
/// <param name="Connectors">Nodes without weights that compute on bytes because they connect layers that do, in node order.</param>
/// <param name="Absorbed">The Relu or Clip behind an integer operator whose QuantizeLinear does the clipping, by that operator.</param>
/// <param name="WhyFloat">Why each node without weights stays float that could not be a connector.</param>
/// <param name="Activations">The values that are stored as bytes, in the order in which they are written.</param>
/// <param name="Regions">What computes on bytes together, and what was dropped together because the cost table has it slower; in the order in which their first operators run.</param>
/// <param name="Nanoseconds">What the layers, the connectors and the conversions cost together, as the cost table has it: plans of one model are compared by it.</param>
internal sealed record QuantizationPlan(
    IReadOnlyList<LayerDecision> Layers,
    IReadOnlyList<NodeProto> Connectors,
    IReadOnlyDictionary<NodeProto, NodeProto> Absorbed,
    IReadOnlyDictionary<NodeProto, string> WhyFloat,
    IReadOnlyList<QuantizedActivation> Activations,
    IReadOnlyList<PlanRegion> Regions,
    double Nanoseconds);
