namespace ModelBuildTasks.Compression.Execution;

/// <summary>A state: an input that takes what an output gave in the run before.</summary>
/// <param name="Input">The input.</param>
/// <param name="Output">Its next value.</param>
/// <param name="GrowingAxis">The axis along which each run appends; -1 where the state keeps its size.</param>
internal sealed record StatePair(ModelPort Input, ModelPort Output, int GrowingAxis);
