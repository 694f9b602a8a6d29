namespace ModelBuildTasks.Compression.Calibration;

/// <summary>How images become tensors: value = (pixel / 255 − mean) / standard deviation, per channel.</summary>
public sealed record ImageOptions
{
    /// <summary>One mean per channel, or one for all; null is 0.</summary>
    public IReadOnlyList<float>? Mean { get; init; }

    /// <summary>One standard deviation per channel, or one for all; null is 1.</summary>
    public IReadOnlyList<float>? StandardDeviation { get; init; }

    /// <summary>NCHW or NHWC; null is told by the model's input shape.</summary>
    public string? Layout { get; init; }

    /// <summary>Height and width to resize to; null is told by the model's input shape.</summary>
    public (int Height, int Width)? Size { get; init; }

    /// <summary>Whether each image keeps its own size where the model's height and width are free; where one of them is fixed the other follows in proportion. Not together with <see cref="Size"/>.</summary>
    public bool KeepsSize { get; init; }
}
