using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization.Float16;

/// <summary>Which nodes of a graph compute in float16.</summary>
/// <param name="Graph">The graph.</param>
/// <param name="Nodes">Those nodes, in node order.</param>
/// <param name="WhyFloat">Why each other node stays as it is.</param>
internal sealed record HalfPlan(OnnxGraph Graph, IReadOnlyList<NodeProto> Nodes, IReadOnlyDictionary<NodeProto, string> WhyFloat);
