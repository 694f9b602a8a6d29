using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Accessor;

/// <summary>An input or output.</summary>
/// <param name="Name">Its name in the model.</param>
/// <param name="Type">"float32".</param>
/// <param name="Shape">"N,1,28,28"; "?" for a dimension without a name, "" for a scalar, null where the model does not say.</param>
/// <param name="Quantization">What its integers stand for; null where it holds what it says.</param>
internal sealed record AccessorTensor(string Name, string Type, string? Shape, IntegerPortReport? Quantization = null);
