namespace ModelBuildTasks.Compression.Reporting;

/// <summary>One gate as it was judged.</summary>
/// <param name="Name">MaxAccuracyDrop, MinSqnr, MaxSize or MaxLatencyRatio.</param>
/// <param name="Limit">The threshold.</param>
/// <param name="Value">What was measured; null where it could not be measured.</param>
/// <param name="Passed">Whether the gate holds.</param>
public sealed record GateReport(string Name, double Limit, double? Value, bool Passed);
