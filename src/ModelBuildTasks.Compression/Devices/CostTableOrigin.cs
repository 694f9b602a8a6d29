namespace ModelBuildTasks.Compression.Devices;

/// <summary>Where a table comes from: for people, and no part of any decision.</summary>
/// <param name="MeasuredOn">The kind of processor, as "x64 with VNNI"; null where nobody measured on one.</param>
/// <param name="TakenOverFrom">The file beside this one whose numbers stand in for a measurement; null where there was one.</param>
/// <param name="Runtime">ONNX Runtime's version.</param>
/// <param name="Date">The day of the measurement, as 2026-01-31.</param>
internal sealed record CostTableOrigin(string? MeasuredOn, string? TakenOverFrom, string Runtime, string Date);
