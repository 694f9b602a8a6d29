namespace ModelBuildTasks.Compression.Quantization.IntegerOnly;

/// <summary>erf(x) = 2/√π · ∫₀ˣ e^(−t²) dt.</summary>
internal static class ErrorFunction
{
    /// <summary>From here on it is 1 in double precision.</summary>
    private const double Flat = 6;

    /// <summary>By the series 2/√π · e^(−x²) · Σ 2ⁿ x²ⁿ⁺¹ / (1 · 3 ⋯ (2n + 1)) (Abramowitz and Stegun 1964, 7.1.6), whose terms all have one sign.</summary>
    public static double Of(double x)
    {
        if (!(Math.Abs(x) < Flat))
        {
            return double.IsNaN(x) ? x : Math.Sign(x);
        }

        var (term, sum) = (x, x);
        for (var n = 1; Math.Abs(term) > Math.Abs(sum) * 1e-17; n++)
        {
            term *= 2 * x * x / ((2 * n) + 1);
            sum += term;
        }

        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }
}
