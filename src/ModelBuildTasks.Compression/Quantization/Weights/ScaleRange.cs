namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>What a scale may be.</summary>
internal static class ScaleRange
{
    /// <summary>2⁻¹²⁶: below it a scale loses its precision, and processors that flush subnormal numbers to zero would divide by zero.</summary>
    public const float Smallest = 1.17549435E-38f;
}
