namespace ModelBuildTasks.Compression.Quantization;

/// <summary>What a layer computes with.</summary>
internal enum LayerFormat
{
    /// <summary>Float weights and activations.</summary>
    Float,

    /// <summary>Weights stored as bytes, restored when the model is loaded; float activations.</summary>
    Int8Weights,

    /// <summary>Weights as indices of a codebook, restored when the model is loaded; float activations.</summary>
    Shared,

    /// <summary>Weights of 4 bits with a scale for each block; float activations.</summary>
    Int4Weights,

    /// <summary>Weights and activations of 16 bits (IEEE 754 binary16).</summary>
    Float16,

    /// <summary>Weights stored as bytes, activations as integers of 16 bits.</summary>
    Int16,

    /// <summary>Bytes: weights, and activations with a scale that is told on each run.</summary>
    Int8Dynamic,

    /// <summary>Bytes: weights and activations.</summary>
    Int8,
}
