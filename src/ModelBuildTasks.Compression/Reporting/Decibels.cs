namespace ModelBuildTasks.Compression.Reporting;

/// <summary>The ratio of signal to noise, as reports tell it.</summary>
internal static class Decibels
{
    /// <summary>More, on either side, is not worth telling; where there is no noise there is no ratio.</summary>
    private const double Greatest = 200;

    /// <summary>10 log₁₀ (signal / noise), from −200 to 200.</summary>
    public static double Of(double signal, double noise) => noise <= 0 ? Greatest : Math.Clamp(10 * Math.Log10(signal / noise), -Greatest, Greatest);
}
