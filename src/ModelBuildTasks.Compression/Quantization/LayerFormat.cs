namespace ModelBuildTasks.Compression.Quantization;

/// <summary>What a layer computes with.</summary>
internal enum LayerFormat
{
    /// <summary>Float weights and activations.</summary>
    Float,

    /// <summary>Weights stored as bytes, restored when the model is loaded; float activations.</summary>
    Int8Weights,

    /// <summary>Bytes: weights and activations.</summary>
    Int8,
}
