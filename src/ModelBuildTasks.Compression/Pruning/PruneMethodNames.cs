namespace ModelBuildTasks.Compression.Pruning;

/// <summary>The methods in the words of the metadata.</summary>
internal static class PruneMethodNames
{
    /// <summary>The word of a method.</summary>
    public static string Of(PruneMethod method) => method switch
    {
        PruneMethod.Magnitude => "magnitude",
        PruneMethod.Obs => "obs",
        PruneMethod.Obd => "obd",
        PruneMethod.Structured => "structured",
        PruneMethod.Layers => "layers",
        _ => "auto",
    };

    /// <summary>The method of a word that is one of them.</summary>
    public static PruneMethod Parse(string word) => Enum.GetValues<PruneMethod>().First(method => Of(method) == word);
}
