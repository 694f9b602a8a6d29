using ModelBuildTasks.Compression.Execution;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>Samples that are read as they are used: memory does not grow with their number.</summary>
internal abstract class SampleSet
{
    /// <summary>How many samples there are.</summary>
    public abstract int Count { get; }

    /// <summary>Whether every sample has a label.</summary>
    public abstract bool HasLabels { get; }

    /// <summary>Reads the samples with these positions, in this order.</summary>
    public abstract IEnumerable<Sample> Read(IEnumerable<int> indices);

    /// <summary>Opens files and folders as one set for the inputs of a model, and checks names, shapes, types and labels before the first sample is used.</summary>
    /// <exception cref="Diagnostics.CompressionException">AIM1101 to AIM1107.</exception>
    public static SampleSet Open(IReadOnlyList<string> paths, IReadOnlyList<ModelPort> inputs, ImageOptions images) => throw new NotImplementedException();
}
