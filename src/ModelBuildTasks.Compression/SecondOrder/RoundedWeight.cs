namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>What became of a weight, and what that does to its layer's output on the calibration samples.</summary>
/// <param name="Target">The weight.</param>
/// <param name="Levels">What is stored, in the weight's order.</param>
/// <param name="Signal">The mean square of the output, summed over channels.</param>
/// <param name="Noise">The mean squared error of the output.</param>
/// <param name="NearestNoise">What it would be had each element become the nearest value.</param>
internal sealed record RoundedWeight(RoundingTarget Target, sbyte[] Levels, double Signal, double Noise, double NearestNoise)
{
    /// <summary>The output's SQNR in dB.</summary>
    public double SqnrDb => 10 * Math.Log10(Signal / Noise);

    /// <summary>The same of nearest values.</summary>
    public double NearestSqnrDb => 10 * Math.Log10(Signal / NearestNoise);
}
