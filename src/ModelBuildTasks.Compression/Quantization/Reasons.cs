namespace ModelBuildTasks.Compression.Quantization;

/// <summary>Why layers stay float, where several places say it.</summary>
internal static class Reasons
{
    public const string KeptFloat = "KeepFloat names it";

    public const string AssignedFloat = "the search keeps it float: its errors would cost more than its bytes save";

    public const string NoWeights = "it has no weights, and only weights are stored as bytes";

    public const string TooSmall = "its weights are too small for the added nodes to pay";
}
