using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>What became of a layer's constants.</summary>
/// <param name="Bytes">Their bytes now.</param>
/// <param name="Signal">Σ w² of the weights that changed.</param>
/// <param name="Noise">Σ of the squared changes.</param>
internal readonly record struct LayerChange(long Bytes, double Signal, double Noise)
{
    /// <summary>10 log₁₀ (signal / noise).</summary>
    public double SqnrDb => Decibels.Of(Signal, Noise);

    public static LayerChange operator +(LayerChange a, LayerChange b) => new(a.Bytes + b.Bytes, a.Signal + b.Signal, a.Noise + b.Noise);
}
