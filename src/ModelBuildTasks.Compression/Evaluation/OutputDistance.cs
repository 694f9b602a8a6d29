using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.Evaluation;

/// <summary>How far the output of a compressed model is from the original's.</summary>
/// <param name="Signal">Σ x² of the original.</param>
/// <param name="Noise">Σ (x − y)².</param>
/// <param name="Energy">Σ y² of the compressed model.</param>
/// <param name="Dot">Σ x·y.</param>
/// <param name="IsLost">Whether the compressed output cannot be used: of another length, or not finite where the original is.</param>
internal readonly record struct OutputDistance(double Signal, double Noise, double Energy, double Dot, bool IsLost)
{
    private const double GreatestDb = 200;

    /// <summary>20·log10(‖x‖ / ‖x − y‖) in dB, between −200 and 200 so that it stays a number. An output of zeros that is lost has no noise to tell it from a right one: −200.</summary>
    public double SqnrDb => Noise == 0 ? (IsLost ? -GreatestDb : GreatestDb) : Signal == 0 ? -GreatestDb : Math.Clamp(10 * Math.Log10(Signal / Noise), -GreatestDb, GreatestDb);

    /// <summary>The cosine of the angle between both; two outputs of zeros are alike.</summary>
    public double Cosine => Signal == Energy && Signal == Dot ? 1 : Signal == 0 || Energy == 0 ? 0 : Math.Clamp(Dot / (Math.Sqrt(Signal) * Math.Sqrt(Energy)), -1, 1);

    /// <summary>
    /// Compares two outputs. Where the original is not finite there is nothing to compare with, and the element is left out. A lost output is all noise: an application can use none of it.
    /// </summary>
    public static OutputDistance Between(ReadOnlySpan<float> original, ReadOnlySpan<float> compressed)
    {
        if (original.Length != compressed.Length)
        {
            return Lost(FiniteEnergy(original));
        }

        var (signal, noise) = ErrorEnergy.Accumulate(original, compressed);
        var (_, energy, dot) = DotProducts.Of(original, compressed);
        return double.IsFinite(signal) && double.IsFinite(noise) ? new OutputDistance(signal, noise, energy, dot, IsLost: false) : BetweenFinite(original, compressed);
    }

    public static OutputDistance operator +(OutputDistance left, OutputDistance right)
        => new(left.Signal + right.Signal, left.Noise + right.Noise, left.Energy + right.Energy, left.Dot + right.Dot, left.IsLost || right.IsLost);

    private static OutputDistance BetweenFinite(ReadOnlySpan<float> original, ReadOnlySpan<float> compressed)
    {
        var total = default(OutputDistance);
        for (var i = 0; i < original.Length; i++)
        {
            if (!float.IsFinite(original[i]))
            {
                continue;
            }

            if (!float.IsFinite(compressed[i]))
            {
                return Lost(FiniteEnergy(original));
            }

            double x = original[i], y = compressed[i];
            total += new OutputDistance(x * x, (x - y) * (x - y), y * y, x * y, IsLost: false);
        }

        return total;
    }

    private static OutputDistance Lost(double signal) => new(signal, signal, signal, 0, IsLost: true);

    private static double FiniteEnergy(ReadOnlySpan<float> values)
    {
        var energy = 0.0;
        foreach (var value in values)
        {
            energy += float.IsFinite(value) ? (double)value * value : 0;
        }

        return energy;
    }
}
