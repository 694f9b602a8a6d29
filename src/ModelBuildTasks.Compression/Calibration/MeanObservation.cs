using System.Globalization;
using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>The sum of each channel of one value over the samples so far.</summary>
/// <param name="axis">Where the channels lie; −1 is the last dimension.</param>
internal sealed class MeanObservation(int axis)
{
    private double[]? sums;
    private double count;
    private bool isUneven;

    /// <summary>
    /// The mean of each channel, over samples and positions, in four significant digits: the mean of samples is known to two or three, and the text of a ranges file gets short. Null where there was no element, the number of
    /// channels differed, or a mean is not finite.
    /// </summary>
    public float[]? Means => sums is null || isUneven || count == 0 || !sums.All(sum => float.IsFinite((float)(sum / count))) ? null : Array.ConvertAll(sums, sum => Round(sum / count));

    /// <summary>Includes the value's elements in one sample.</summary>
    /// <param name="values">The elements.</param>
    /// <param name="shape">The dimensions.</param>
    public void Include(ReadOnlySpan<float> values, ReadOnlySpan<long> shape)
    {
        var place = axis < 0 ? shape.Length + axis : axis;
        if (place < 0 || place >= shape.Length || sums is not null && sums.Length != shape[place])
        {
            isUneven = true;
            return;
        }

        sums ??= new double[shape[place]];
        if (!values.IsEmpty)
        {
            var (outer, inner) = (Product(shape[..place]), Product(shape[(place + 1)..]));
            ChannelSums.Add(values, outer, sums.Length, inner, sums);
            count += (double)outer * inner;
        }
    }

    private static int Product(ReadOnlySpan<long> dimensions)
    {
        var product = 1L;
        foreach (var dimension in dimensions)
        {
            product *= dimension;
        }

        return (int)product;
    }

    private static float Round(double mean) => float.Parse(mean.ToString("G4", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
