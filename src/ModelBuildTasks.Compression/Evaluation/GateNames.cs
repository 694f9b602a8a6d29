namespace ModelBuildTasks.Compression.Evaluation;

/// <summary>The gates' names in reports: those of their metadata.</summary>
internal static class GateNames
{
    public const string MaxAccuracyDrop = "MaxAccuracyDrop";
    public const string MinSqnr = "MinSqnr";
    public const string MaxSize = "MaxSize";
    public const string MaxLatencyRatio = "MaxLatencyRatio";
}
