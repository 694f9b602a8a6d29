using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>One sample: a tensor for each input of the model, each with a batch axis of one where the model has a batch axis.</summary>
/// <param name="File">The file it comes from.</param>
/// <param name="Index">The position in its set.</param>
/// <param name="Inputs">The tensors by input name.</param>
/// <param name="Label">The true class, where the set has labels.</param>
internal sealed record Sample(string File, int Index, IReadOnlyDictionary<string, TensorValue> Inputs, int? Label);
