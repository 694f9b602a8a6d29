using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>Operators that change together, connected by values that are bytes while they compute on bytes: all on bytes, or all dropped from there.</summary>
/// <param name="Name">The name of its first layer, and of its last one.</param>
/// <param name="Format"><see cref="LayerFormat.Int8"/>; of what was dropped, what its first layer becomes instead, and <see cref="LayerFormat.Float"/> where it has none.</param>
/// <param name="Operators">In the order in which they run.</param>
/// <param name="Layers">Those of them that have weights.</param>
/// <param name="Int8">Nanoseconds on bytes, with the conversions at its border, as the cost table has it; null where the table has no opinion.</param>
/// <param name="Float">The same in float.</param>
/// <param name="Reason">Why it is on bytes, or not.</param>
internal sealed record PlanRegion(string Name, LayerFormat Format, IReadOnlyList<NodeProto> Operators, IReadOnlyList<NodeProto> Layers, double? Int8, double? Float, string Reason);
