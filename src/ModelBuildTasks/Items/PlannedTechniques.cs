namespace ModelBuildTasks.Items;

/// <summary>
/// Metadata of the contract whose techniques this version has not: a wrong value is told as such first, a right one is AIM1203, and none is silently ignored.
/// </summary>
internal static class PlannedTechniques
{
    /// <summary>Checks all of them.</summary>
    public static void Check(MetadataReader metadata)
    {
        metadata.Choice("Recover", ["none"], "finetune", "distill", "qat");
        CheckUnset(metadata, "Teacher");
        CheckUnset(metadata, "TrainingData");
        CheckCount(metadata, "Epochs", 1, 100_000, "a count from 1 to 100000");
        CheckUnset(metadata, "Baseline");
    }

    private static void CheckCount(MetadataReader metadata, string name, int least, int greatest, string range)
    {
        if (metadata.Count(name, least, greatest, range) is not null)
        {
            metadata.NotAvailable(name, metadata.Text(name), "remove it");
        }
    }

    private static void CheckUnset(MetadataReader metadata, string name)
    {
        if (metadata.Text(name) is { Length: > 0 } text)
        {
            metadata.NotAvailable(name, text, "remove it");
        }
    }
}
