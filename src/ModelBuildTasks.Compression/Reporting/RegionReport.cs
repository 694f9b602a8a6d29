namespace ModelBuildTasks.Compression.Reporting;

/// <summary>Operators of a plan that change together: all on bytes, or all dropped from there because the cost table has them slower.</summary>
/// <param name="Name">The name of its first layer … that of its last; of operators where it has no layers.</param>
/// <param name="Format">int8; of dropped ones what their first layer becomes instead (int8-weights), and float where there are no weights.</param>
/// <param name="Layers">The names of its layers, in the order in which they run.</param>
/// <param name="Operators">How many operators it has, layers included.</param>
/// <param name="Int8Us">Microseconds on bytes, with the conversions at its border, as the cost table has it; null where that has no opinion.</param>
/// <param name="FloatUs">The same in float.</param>
/// <param name="Reason">Why it is on bytes, or not.</param>
public sealed record RegionReport(string Name, string Format, IReadOnlyList<string> Layers, int Operators, double? Int8Us, double? FloatUs, string Reason);
