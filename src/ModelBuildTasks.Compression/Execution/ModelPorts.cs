namespace ModelBuildTasks.Compression.Execution;

/// <summary>What goes into a model and what comes out.</summary>
/// <param name="Inputs">In the model's order.</param>
/// <param name="Outputs">In the model's order.</param>
internal sealed record ModelPorts(IReadOnlyList<ModelPort> Inputs, IReadOnlyList<ModelPort> Outputs);
