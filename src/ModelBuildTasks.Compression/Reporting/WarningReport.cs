namespace ModelBuildTasks.Compression.Reporting;

/// <summary>A warning that belongs to the result, so that an incremental build can repeat it.</summary>
/// <param name="Code">AIM3xxx.</param>
/// <param name="Message">One line.</param>
public sealed record WarningReport(string Code, string Message);
