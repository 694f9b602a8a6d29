namespace ModelBuildTasks.Compression.Pruning.Structured;

/// <summary>A layer whose channels might go.</summary>
/// <param name="Node">The node's name.</param>
/// <param name="Operation">Its operator.</param>
/// <param name="Weight">The name of its weight.</param>
/// <param name="Bias">The name of its own bias; null where it has none.</param>
/// <param name="Outputs">The positions along its output channels; null where they stay.</param>
/// <param name="Inputs">The positions along the input channels of a group of its weight; null where they stay.</param>
/// <param name="OutputCount">The output channels.</param>
/// <param name="InputCount">The input channels of a group.</param>
/// <param name="Products">Multiply-adds of one output channel and one input channel of its group, in a run.</param>
internal sealed record ChannelLayer(string Node, string Operation, string Weight, string? Bias, int[]? Outputs, int[]? Inputs, int OutputCount, int InputCount, double Products);
