namespace ModelBuildTasks.Compression.Reporting;

/// <summary>How far both models are from the outputs that come with test data, over all judged samples that have any.</summary>
/// <param name="Samples">How many these are.</param>
/// <param name="OriginalSqnrDb">The SQNR of the original's outputs in dB, the expected ones being the signal; between −200 and 200.</param>
/// <param name="CompressedSqnrDb">The same for the compressed model.</param>
public sealed record ExpectedReport(int Samples, double OriginalSqnrDb, double CompressedSqnrDb);
