using System.Numerics.Tensors;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>Signed bytes with a scale for each output.</summary>
/// <param name="inputs">How many inputs there are.</param>
/// <param name="scales">One for each output, positive.</param>
internal sealed class ByteRounding(int inputs, float[] scales) : IRoundingGrid
{
    private readonly double[] wideScales = Array.ConvertAll(scales, scale => (double)scale);
    private readonly double[] quotients = new double[scales.Length];

    /// <inheritdoc/>
    public sbyte[] Levels { get; } = new sbyte[inputs * scales.Length];

    /// <inheritdoc/>
    public void Round(int input, ReadOnlySpan<double> targets, Span<double> restored)
    {
        TensorPrimitives.Divide(targets, wideScales, quotients);
        TensorPrimitives.Round(quotients, quotients);
        TensorPrimitives.Clamp(quotients, -WeightQuantizer.Maximum, WeightQuantizer.Maximum, quotients);
        var levels = Levels.AsSpan(input * scales.Length, scales.Length);
        TensorPrimitives.ConvertTruncating<double, sbyte>(quotients, levels);
        for (var output = 0; output < levels.Length; output++)
        {
            // In single precision, as layers compute with it.
            restored[output] = levels[output] * scales[output];
        }
    }
}
