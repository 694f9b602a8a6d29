namespace ModelBuildTasks.Compression.Reporting;

/// <summary>The accuracy of the original and of the compressed model on samples that took no part in calibration.</summary>
/// <param name="Name">top1, top5, agreement, cosine or ctc.</param>
/// <param name="Samples">How many samples were judged.</param>
/// <param name="Original">Between 0 and 1.</param>
/// <param name="Compressed">Between 0 and 1.</param>
/// <param name="Drop">Original − Compressed.</param>
/// <param name="Interval">The 95 % interval of the drop, paired: [low, high].</param>
public sealed record MetricReport(string Name, int Samples, double Original, double Compressed, double Drop, double[] Interval);
