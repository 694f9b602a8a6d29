using System.Numerics.Tensors;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>Signed bytes with a scale for each output.</summary>
/// <param name="inputs">How many inputs there are.</param>
/// <param name="scales">One for each output, positive.</param>
internal sealed class ByteLevels(int inputs, float[] scales) : IRoundingGrid
{
    private readonly double[] wideScales = Array.ConvertAll(scales, scale => (double)scale);
    private readonly double[] levels = new double[scales.Length];

    /// <summary>[inputs × outputs], −127 to 127.</summary>
    public sbyte[] Values { get; } = new sbyte[inputs * scales.Length];

    /// <inheritdoc/>
    public void Round(int input, ReadOnlySpan<double> targets, Span<double> restored)
    {
        TensorPrimitives.Divide(targets, wideScales, levels);
        TensorPrimitives.Round(levels, levels);
        TensorPrimitives.Clamp(levels, -WeightQuantizer.Maximum, WeightQuantizer.Maximum, levels);
        var values = Values.AsSpan(input * scales.Length, scales.Length);
        TensorPrimitives.ConvertTruncating<double, sbyte>(levels, values);
        Restore(values, restored);
    }

    /// <summary>What a layer computes with: products in single precision.</summary>
    private void Restore(ReadOnlySpan<sbyte> values, Span<double> restored)
    {
        for (var output = 0; output < values.Length; output++)
        {
            restored[output] = values[output] * scales[output];
        }
    }
}
