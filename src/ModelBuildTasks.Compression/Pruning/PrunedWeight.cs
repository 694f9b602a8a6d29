using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression.Pruning;

/// <summary>A weight that lost some of its elements.</summary>
/// <param name="Values">What became of it, in its order.</param>
/// <param name="Signal">The mean square of its layer's output; 0 where no samples tell it.</param>
/// <param name="Noise">The mean squared error of that output.</param>
internal sealed record PrunedWeight(float[] Values, double Signal, double Noise)
{
    /// <summary>The SQNR of the layer's output in dB, at most 200; null where no samples tell it.</summary>
    public double? SqnrDb => Signal <= 0 ? null : Decibels.Of(Signal, Noise);
}
