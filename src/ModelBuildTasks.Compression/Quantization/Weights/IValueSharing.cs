namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>Chooses the values that the weights of a tensor share. Equal ones choose alike.</summary>
internal interface IValueSharing
{
    /// <summary>How many values a codebook has at most: 2 to 256.</summary>
    int Values { get; }

    /// <summary>How many output channels share a codebook; null where all of a weight do.</summary>
    int? Channels { get; }

    /// <summary>The floats that a weight's elements may become. Zero is one of them where an element is exactly zero.</summary>
    /// <param name="weight">The weight; finite.</param>
    /// <param name="importances">What errors do to the layer's output; null where nobody knows, and all elements count alike.</param>
    Codebook Codebook(LayerWeight weight, InputImportances? importances);

    /// <summary>The levels, in units of the channels' scales, that a weight's bytes may become. Zero is one of them where an element is exactly zero.</summary>
    /// <param name="grid">The weight and its scales.</param>
    /// <param name="importances">What errors do to the layer's output; null where nobody knows, and all elements count alike.</param>
    LevelSets Levels(ByteGrid grid, InputImportances? importances);
}
