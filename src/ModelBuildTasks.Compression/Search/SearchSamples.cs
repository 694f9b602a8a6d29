namespace ModelBuildTasks.Compression.Search;

/// <summary>Which samples a search uses: a number that is the same on every machine, so that the result is too.</summary>
internal static class SearchSamples
{
    private const int Least = 16;
    private const int Most = 512;

    /// <summary>Nanoseconds that a trial may take in the original model by the cost table, which knows its layers only.</summary>
    private const double TimeOfTrial = 5e8;

    /// <summary>How many samples judge a trial.</summary>
    /// <param name="nanoseconds">The time of a run; 0 where the cost table does not tell.</param>
    public static int Count(double nanoseconds) => nanoseconds > 0 ? (int)Math.Clamp(TimeOfTrial / nanoseconds, Least, Most) : Least;
}
