namespace ModelBuildTasks.Compression.Quantization;

/// <summary>What a layer computes with.</summary>
internal enum LayerFormat
{
    /// <summary>Float weights and activations.</summary>
    Float,

    /// <summary>Weights stored as bytes, restored when the model is loaded; float activations.</summary>
    Int8Weights,

    /// <summary>Weights and activations of 16 bits (IEEE 754 binary16).</summary>
    Float16,

    /// <summary>Bytes: weights and activations.</summary>
    Int8,
}
