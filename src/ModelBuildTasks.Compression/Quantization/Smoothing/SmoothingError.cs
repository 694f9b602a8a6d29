using System.Numerics.Tensors;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Kernels;
using ModelBuildTasks.Compression.Quantization.Corrections;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.Quantization.Smoothing;

/// <summary>
/// What bytes do to the outputs of the layers that read an activation, measured on rows of the activation and some output columns of each layer: with the activation and the weights as bytes, and with the weights alone, as some of
/// the layers may stay in float. The mean error of rounded weights is left out, since bias correction takes it back; without that a channel that is always large would hide the others.
/// </summary>
internal sealed class SmoothingError
{
    /// <summary>Output columns of a layer that are looked at.</summary>
    private const int MostColumns = 128;

    private readonly float[] rows;
    private readonly int channels;
    private readonly CalibrationMethod method;
    private readonly SampledProduct[] products;

    /// <param name="rows">Rows of the activation.</param>
    /// <param name="channels">The length of a row.</param>
    /// <param name="layers">The layers that read it.</param>
    /// <param name="method">How its range is told.</param>
    public SmoothingError(float[] rows, int channels, IEnumerable<ScaledLayer> layers, CalibrationMethod method)
    {
        this.rows = rows;
        this.channels = channels;
        this.method = method;
        products = [.. layers.Select(layer => layer.Columns(MostColumns)).Select(columns => new SampledProduct(rows, columns, channels))];
    }

    /// <summary>The error with channels of the activation multiplied by powers of two, and what reads them divided: its energy as a share of that of the output about its mean, added up over the layers and both ways to store them.</summary>
    /// <param name="exponents">One for each channel.</param>
    public double Of(int[] exponents)
    {
        var factors = Array.ConvertAll(exponents, exponent => MathF.ScaleB(1, exponent));
        var scaled = new float[rows.Length];
        for (var start = 0; start < rows.Length; start += channels)
        {
            TensorPrimitives.Multiply(rows.AsSpan(start, channels), factors, scaled.AsSpan(start, channels));
        }

        return Restored(scaled) is { } restored ? products.Sum(product => product.Error(scaled, restored, factors)) : double.PositiveInfinity;
    }

    /// <summary>Values as bytes with one scale, restored; null where they have no range.</summary>
    private float[]? Restored(float[] values)
    {
        var observation = new RangeObservation(method);
        observation.Include(values);
        if (observation.Range is not { } range)
        {
            return null;
        }

        var parameters = ActivationParameters.FromRange(range);
        var bytes = new sbyte[values.Length];
        QuantizeLinear.ToInt8(values, bytes, parameters.Scale, parameters.SignedZeroPoint, sbyte.MinValue, sbyte.MaxValue);
        var restored = new float[values.Length];
        DequantizeLinear.FromInt8(bytes, restored, parameters.Scale, parameters.SignedZeroPoint);
        return restored;
    }

    /// <summary>The product of the rows with some columns of a layer's weight.</summary>
    private sealed class SampledProduct
    {
        private readonly float[] weights;
        private readonly int channels;
        private readonly int columns;
        private readonly float[] outputs;
        private readonly double signal;

        public SampledProduct(float[] rows, float[] weights, int channels)
        {
            this.weights = weights;
            this.channels = channels;
            columns = weights.Length / channels;
            outputs = Of(rows, weights);
            signal = ErrorEnergy.Accumulate(outputs, Repeated(Means(outputs))).Noise;
        }

        public double Error(float[] scaled, float[] restored, float[] factors)
        {
            if (signal == 0)
            {
                return 0;
            }

            var rounded = Rounded(factors);
            var ofWeights = Of(scaled, rounded);
            var expected = new float[outputs.Length];
            TensorPrimitives.Subtract(ofWeights, outputs, expected);
            TensorPrimitives.Add(outputs, Repeated(Means(expected)), expected);
            return (ErrorEnergy.Accumulate(expected, ofWeights).Noise + ErrorEnergy.Accumulate(expected, Of(restored, rounded)).Noise) / signal;
        }

        /// <summary>The weights divided by factors of their channels, as bytes with a scale for each column, restored.</summary>
        private float[] Rounded(float[] factors)
        {
            var rounded = new float[weights.Length];
            for (var channel = 0; channel < channels; channel++)
            {
                TensorPrimitives.Divide(weights.AsSpan(channel * columns, columns), factors[channel], rounded.AsSpan(channel * columns, columns));
            }

            var maxima = new float[columns];
            AbsoluteMaximum.PerChannel(rounded, channels, columns, 1, maxima);
            var scales = WeightQuantizer.Positive(Array.ConvertAll(maxima, maximum => WeightQuantizer.Scale(maximum)));
            var bytes = new sbyte[rounded.Length];
            QuantizeLinear.PerChannel(rounded, bytes, channels, columns, 1, scales);
            QuantizedWeight.Restore(bytes, scales, 1, rounded);
            return rounded;
        }

        /// <summary>[rows, channels] · [channels, columns].</summary>
        private float[] Of(float[] left, float[] right)
        {
            var rows = left.Length / channels;
            var turned = new float[left.Length];
            Transposition.Of<float>(left, rows, channels, turned);
            var product = new float[rows * columns];
            TransposedProduct.Add<float>(new(turned, channels, rows), new(right, channels, columns), new MatrixPart<float>(product, rows, columns));
            return product;
        }

        private float[] Means(float[] values)
        {
            var sums = new double[columns];
            ChannelSums.Add(values, values.Length / columns, columns, 1, sums);
            return Array.ConvertAll(sums, sum => (float)(sum * columns / values.Length));
        }

        private float[] Repeated(float[] row)
        {
            var repeated = new float[outputs.Length];
            for (var start = 0; start < repeated.Length; start += columns)
            {
                row.CopyTo(repeated, start);
            }

            return repeated;
        }
    }
}
