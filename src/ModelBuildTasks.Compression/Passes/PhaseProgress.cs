using System.Globalization;

namespace ModelBuildTasks.Compression.Passes;

/// <summary>How far a phase has come.</summary>
/// <param name="Fraction">Between 0 and 1.</param>
/// <param name="Detail">What was done just now, for people; null where there is nothing to say.</param>
internal readonly record struct PhaseProgress(double Fraction, string? Detail = null)
{
    /// <summary>A layer was rounded.</summary>
    /// <param name="done">How many layers are, this one included.</param>
    /// <param name="count">How many will be.</param>
    /// <param name="name">The layer.</param>
    /// <param name="format">What its weights are stored as, in the words of the metadata.</param>
    /// <param name="sqnrDb">The SQNR of its output on the calibration samples.</param>
    /// <param name="nearestDb">What it would be with every weight rounded to its nearest value.</param>
    public static PhaseProgress OfLayer(int done, int count, string name, string format, double sqnrDb, double nearestDb) =>
        new((double)done / count, string.Create(CultureInfo.InvariantCulture, $"{done}/{count} {name}: {format}, {sqnrDb:0.0} dB (nearest {nearestDb:0.0} dB)"));
}
