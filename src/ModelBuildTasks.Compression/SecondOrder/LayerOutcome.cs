namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>What became of a layer's weight, and what that does to its output on the calibration samples.</summary>
/// <param name="Bytes">The weight.</param>
/// <param name="Signal">The mean square of the output, summed over channels.</param>
/// <param name="Noise">The mean squared error of the output.</param>
/// <param name="NearestNoise">What it would be had each weight become the nearest value.</param>
internal sealed record LayerOutcome(RoundedBytes Bytes, double Signal, double Noise, double NearestNoise)
{
    /// <summary>The output's SQNR in dB.</summary>
    public double SqnrDb => 10 * Math.Log10(Signal / Noise);

    /// <summary>The same of nearest values.</summary>
    public double NearestSqnrDb => 10 * Math.Log10(Signal / NearestNoise);
}
