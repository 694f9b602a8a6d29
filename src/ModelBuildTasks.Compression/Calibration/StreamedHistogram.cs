using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>
/// How often an activation took which values: filled sample by sample, in memory that does not grow, reading each value once.
/// </summary>
/// <remarks>
/// Bins are 2ᵉ wide and start at multiples of their width, so that zero is an edge and bins that become too narrow for a grown range are merged exactly. The width is the least power of two with
/// which the bins cover the range (widened to hold zero): it depends on the range, and not on the order of the samples.
/// </remarks>
internal sealed class StreamedHistogram
{
    /// <summary>The number of bins. A range uses more than half of them, four to eight for each 8-bit step.</summary>
    public const int Bins = 2048;

    // Beyond these the edges of bins, or the reciprocal of their width, are no finite floats.
    private const int LeastExponent = -120;
    private const int GreatestExponent = 116;

    private readonly long[] counts = new long[Bins];
    private int exponent = LeastExponent;

    /// <summary>The least value so far, or zero where it is less.</summary>
    public float Minimum { get; private set; }

    /// <summary>The greatest value so far, or zero where it is greater.</summary>
    public float Maximum { get; private set; }

    /// <summary>How many values were exactly zero; they are counted in their bin too.</summary>
    public long Zeros { get; private set; }

    /// <summary>The width of a bin.</summary>
    public double Width => Math.ScaleB(1, exponent);

    /// <summary>The lower edge of the first bin in widths; at most 0.</summary>
    public int Origin { get; private set; }

    /// <summary>The number of values in each bin: bin i holds those from (Origin + i) · Width to below (Origin + i + 1) · Width, up to the rounding of floats.</summary>
    public ReadOnlySpan<long> Counts => counts;

    /// <summary>Whether the range passed what bins can cover (some 10³⁸), and nothing more is counted.</summary>
    public bool IsTooWide => exponent > GreatestExponent;

    /// <summary>The number of values in a bin that are not exactly zero.</summary>
    public long NonZeros(int bin) => bin == -Origin ? counts[bin] - Zeros : counts[bin];

    /// <summary>Counts values.</summary>
    /// <param name="values">Finite values.</param>
    /// <param name="minimum">The least of them.</param>
    /// <param name="maximum">The greatest of them.</param>
    public void Add(ReadOnlySpan<float> values, float minimum, float maximum)
    {
        if (values.IsEmpty || IsTooWide)
        {
            return;
        }

        Cover(Math.Min(Minimum, minimum), Math.Max(Maximum, maximum));
        if (!IsTooWide)
        {
            Histogram.Add(values, (float)(Origin * Width), (float)((Origin + Bins) * Width), counts);
            Zeros += ZeroCount.Of(values);
        }
    }

    private void Cover(float minimum, float maximum)
    {
        (Minimum, Maximum) = (minimum, maximum);
        var merged = exponent;
        while (!Fits(merged))
        {
            merged++;
        }

        var origin = Index(Minimum, merged);
        if (merged != exponent || origin != Origin)
        {
            Rebin(merged - exponent, origin);
            (exponent, Origin) = (merged, origin);
        }
    }

    private bool Fits(int candidate) => Index(Maximum, candidate) - Index(Minimum, candidate) < Bins;

    // Saturating: a value far beyond the bins fits them no better for being exact.
    private static int Index(float value, int exponent) => (int)Math.Clamp(Math.Floor(Math.ScaleB((double)value, -exponent)), -2.0 * Bins, 2.0 * Bins);

    private void Rebin(int doublings, int origin)
    {
        Span<long> before = stackalloc long[Bins];
        counts.CopyTo(before);
        Array.Clear(counts);
        for (var i = 0; i < Bins; i++)
        {
            if (before[i] > 0)
            {
                // An arithmetic shift rounds down, as edges of bins do; the last bin may hold values that were rounded up to its end.
                var index = ((Origin + i) >> Math.Min(doublings, 31)) - origin;
                counts[Math.Min(index, Bins - 1)] += before[i];
            }
        }
    }
}
