using ModelBuildTasks.Compression.Evaluation;

namespace ModelBuildTasks.Compression.Search;

/// <summary>An assignment and how good its model was on the samples of the search.</summary>
internal sealed record Trial(Candidate Candidate, Comparison Comparison, bool IsKept);
