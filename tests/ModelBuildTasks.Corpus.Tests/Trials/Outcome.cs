namespace ModelBuildTasks.Corpus.Tests.Trials;

/// <summary>The outcome of one trial of one model.</summary>
/// <param name="Kind">What became of it.</param>
/// <param name="Reason">The code of a refusal, the reason why nothing changed, or what is defective.</param>
/// <param name="Detail">One line more, for who looks into it.</param>
internal sealed record Outcome(OutcomeKind Kind, string Reason, string Detail = "");
