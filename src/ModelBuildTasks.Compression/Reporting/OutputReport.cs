namespace ModelBuildTasks.Compression.Reporting;

/// <summary>How far one output of the compressed model is from the original's, over all judged samples.</summary>
/// <param name="Name">The output.</param>
/// <param name="SqnrDb">Its SQNR in dB, between −200 and 200.</param>
/// <param name="Cosine">The cosine between both, over all elements of all samples.</param>
public sealed record OutputReport(string Name, double SqnrDb, double Cosine);
