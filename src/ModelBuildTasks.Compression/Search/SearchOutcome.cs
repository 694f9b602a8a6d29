using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression.Search;

/// <summary>What a search found.</summary>
/// <param name="Formats">The cheapest assignment that keeps the accuracy, or the most accurate one where none does.</param>
/// <param name="Report">How it was found.</param>
internal sealed record SearchOutcome(FormatAssignment Formats, SearchReport Report);
