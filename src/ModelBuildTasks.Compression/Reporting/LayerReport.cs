namespace ModelBuildTasks.Compression.Reporting;

/// <summary>What became of one layer.</summary>
/// <param name="Name">The node's name, or its first output where it has none.</param>
/// <param name="Op">The operator type.</param>
/// <param name="Format">int8, int8-dynamic, int16, int8-weights, int4-weights, shared, float16 or float.</param>
/// <param name="SqnrDb">The weights' signal to quantization noise ratio in dB; null where there are no weights or nothing changed.</param>
/// <param name="BytesBefore">Bytes of the layer's constants before.</param>
/// <param name="BytesAfter">Bytes of the layer's constants after.</param>
/// <param name="Reason">Why the layer stayed float; null where it did not.</param>
public sealed record LayerReport(string Name, string Op, string Format, double? SqnrDb, long BytesBefore, long BytesAfter, string? Reason)
{
    /// <summary>The SQNR in dB of the layer's output on the calibration samples, with what its weight became and inputs as the layers before it have become; null where the samples did not decide how the weight is rounded. The mean error, which a corrected bias takes back, is in it.</summary>
    public double? OutputSqnrDb { get; init; }
}
