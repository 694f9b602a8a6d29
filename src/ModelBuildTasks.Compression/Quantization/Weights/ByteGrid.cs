namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>The values that a weight may have as signed bytes: the multiples of its channels' scales, up to 127 of them on each side.</summary>
/// <param name="Weight">The weight.</param>
/// <param name="Factor">What it is multiplied with before it is rounded.</param>
/// <param name="Bound">The bound of its pairs, which holds at any scale; null for none.</param>
/// <param name="Scales">One per channel; 0 becomes <see cref="WeightQuantizer.ScaleOfZeros"/>.</param>
internal sealed record ByteGrid(LayerWeight Weight, float Factor, PairBound? Bound, float[] Scales)
{
    /// <summary>Chooses the levels that the bytes share; null where they may have all.</summary>
    public IValueSharing? Sharing { get; init; }
}
