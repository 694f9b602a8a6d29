namespace ModelBuildTasks.Compression.Reporting;

/// <summary>How Quantize="auto" came to its assignment of formats.</summary>
/// <param name="OptimizeFor">latency or size.</param>
/// <param name="Met">Whether an assignment kept the accuracy on the samples of the search; where none did, the most accurate one was taken.</param>
/// <param name="Trials">How many assignments were made and compared with the original.</param>
/// <param name="Samples">On how many samples; none of them judges the result.</param>
/// <param name="SqnrDb">The SQNR of the chosen one on these samples, in dB.</param>
/// <param name="Drop">Its drop of the metric on these samples.</param>
/// <param name="Layers">The layers in the order of their share of the expected error, the largest first.</param>
public sealed record SearchReport(string OptimizeFor, bool Met, int Trials, int Samples, double? SqnrDb, double? Drop, IReadOnlyList<SearchedLayerReport> Layers);
