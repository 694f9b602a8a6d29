namespace ModelBuildTasks.Compression.Quantization;

/// <summary>How weights and activations are stored.</summary>
public enum QuantizationMode
{
    /// <summary>As they are.</summary>
    None,

    /// <summary>8-bit weights and activations where calibration data exists, 8-bit weights only without.</summary>
    Int8,

    /// <summary>8-bit weights; the inputs of matrix products and LSTMs become bytes on each run, with a scale of that run.</summary>
    Int8Dynamic,

    /// <summary>8-bit weights, float activations.</summary>
    Int8Weights,

    /// <summary>4-bit weights with a scale for each block, float activations.</summary>
    Int4Weights,

    /// <summary>8-bit weights, 16-bit activations.</summary>
    Int16,

    /// <summary>Weights and activations in half precision.</summary>
    Float16,

    /// <summary>The cheapest format for each region of the model with which the accuracy holds.</summary>
    Auto,
}
