using System.Collections.ObjectModel;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>One sample: a value for each input of the model that is no state, each with a batch axis of one where the model has a batch axis.</summary>
/// <param name="File">The file it comes from.</param>
/// <param name="Index">The position in its set.</param>
/// <param name="Inputs">The values by input name.</param>
/// <param name="Label">The true class, where the set has labels.</param>
internal sealed record Sample(string File, int Index, IReadOnlyDictionary<string, ModelValue> Inputs, int? Label)
{
    /// <summary>The text that the sample shows, where the labels of the set are texts.</summary>
    public string? Text { get; init; }

    /// <summary>Names the samples that follow one another, through which states are carried: those of one file, or the images of one folder.</summary>
    public string Series { get; init; } = File;

    /// <summary>What outputs of the model should be, by their names: tensors of float, float16 or double. Only test data tells, and not of every output.</summary>
    public IReadOnlyDictionary<string, TensorValue> Expected { get; init; } = ReadOnlyDictionary<string, TensorValue>.Empty;
}
