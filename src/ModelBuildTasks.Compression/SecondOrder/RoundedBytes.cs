using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>What a weight became as signed bytes.</summary>
/// <param name="Grid">The values it might have; the tensor of its weight may be gone.</param>
/// <param name="Values">The bytes in the weight's order.</param>
internal sealed record RoundedBytes(ByteGrid Grid, sbyte[] Values)
{
    /// <summary>The scales as they are stored.</summary>
    public float[] Scales { get; } = WeightQuantizer.Positive(Grid.Scales);

    /// <summary>Whether it was rounded to the values that are asked for now.</summary>
    public bool Fits(ByteGrid grid) => grid.Weight.Axis == Grid.Weight.Axis && grid.Factor == Grid.Factor && grid.Bound == Grid.Bound && grid.Scales.AsSpan().SequenceEqual(Grid.Scales);

    /// <summary>What a layer computes with.</summary>
    public float[] Restored()
    {
        var (restored, axis) = (new float[Values.Length], Grid.Weight.Axis);
        for (var index = 0; index < restored.Length; index++)
        {
            restored[index] = Values[index] * Scales[index / axis.Inner % axis.Channels];
        }

        return restored;
    }
}
