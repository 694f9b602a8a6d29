using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>What became of a weight, and what that does to its layer's output, as the damped Hessian of the calibration samples tells it: of few rows that is a guess at all samples rather than what these gave. The mean error, which a corrected bias takes back, is in it.</summary>
/// <param name="Target">The weight.</param>
/// <param name="Levels">What is stored, in the weight's order.</param>
/// <param name="Signal">The mean square of the output, summed over channels.</param>
/// <param name="Noise">The mean squared error of the output.</param>
/// <param name="NearestNoise">What it would be had each element become the nearest value.</param>
internal sealed record RoundedWeight(RoundingTarget Target, sbyte[] Levels, double Signal, double Noise, double NearestNoise)
{
    /// <summary>The output's SQNR in dB, at most 200.</summary>
    public double SqnrDb => Decibels.Of(Signal, Noise);

    /// <summary>The same of nearest values.</summary>
    public double NearestSqnrDb => Decibels.Of(Signal, NearestNoise);
}
