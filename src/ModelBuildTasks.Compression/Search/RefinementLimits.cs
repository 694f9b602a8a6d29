using ModelBuildTasks.Compression.Passes;

namespace ModelBuildTasks.Compression.Search;

/// <summary>How much a refinement of ranges may try: counted, so that the result is the same on every machine.</summary>
/// <param name="Values">Values whose ranges are tried, the worst ones.</param>
/// <param name="Samples">Samples that judge a trial.</param>
/// <param name="Nanoseconds">All runs together, as the cost table has the layers.</param>
internal sealed record RefinementLimits(int Values, int Samples, double Nanoseconds)
{
    /// <summary>With fewer the spread of a gain is not known.</summary>
    public const int LeastSamples = 16;

    /// <summary>What an effort allows.</summary>
    public static RefinementLimits Of(Effort effort) => effort switch
    {
        Effort.Best => new(32, 512, 5e9),
        _ => new(0, 0, 0),
    };

    /// <summary>How many samples judge each trial; 0 where all trials on the least number would exceed the limit: nothing is tried then.</summary>
    /// <param name="nanoseconds">The time of a run; 0 where the cost table does not tell.</param>
    /// <param name="trials">The number of trials.</param>
    public int Judging(double nanoseconds, int trials)
    {
        var affordable = nanoseconds > 0 ? (int)Math.Min(Samples, Nanoseconds / (nanoseconds * trials)) : Math.Min(Samples, LeastSamples);
        return affordable < LeastSamples ? 0 : affordable;
    }
}
