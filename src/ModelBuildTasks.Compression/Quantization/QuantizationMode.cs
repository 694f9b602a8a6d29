namespace ModelBuildTasks.Compression.Quantization;

/// <summary>How weights and activations are stored.</summary>
public enum QuantizationMode
{
    /// <summary>As they are.</summary>
    None,

    /// <summary>8-bit weights and activations where calibration data exists, 8-bit weights only without.</summary>
    Int8,

    /// <summary>8-bit weights, float activations.</summary>
    Int8Weights,
}
