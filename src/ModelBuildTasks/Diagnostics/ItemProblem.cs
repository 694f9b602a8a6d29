namespace ModelBuildTasks.Diagnostics;

/// <summary>Something wrong with an item.</summary>
/// <param name="Code">One of <see cref="Compression.Diagnostics.DiagnosticCodes"/>.</param>
/// <param name="File">The file it is about, or null where that is the project.</param>
/// <param name="Message">One line: what, why, what to do.</param>
internal sealed record ItemProblem(string Code, string? File, string Message);
