namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>A weight that is in the graph as bytes.</summary>
/// <param name="Name">The tensor of the bytes.</param>
/// <param name="Quantized">The bytes and their scales.</param>
/// <param name="Weight">The float weight they were made of.</param>
internal sealed record StoredWeight(string Name, QuantizedWeight Quantized, LayerWeight Weight)
{
    /// <summary>All values as floats, from the first to the last.</summary>
    public IEnumerable<RestoredPart> Restored() => Quantized.Restored(Weight.Axis);
}
