namespace ModelBuildTasks.Compression.Pruning.Structured;

/// <summary>A number of a node that tells how many positions an axis has, or from which one on: it changes with them.</summary>
/// <param name="Node">The node's name.</param>
/// <param name="Input">The input that holds the number; −1 where an attribute does.</param>
/// <param name="Attribute">The attribute; empty where an input holds it.</param>
/// <param name="Element">Which of its numbers; of all of them where there is one for each output.</param>
/// <param name="Positions">The positions that are counted.</param>
internal sealed record ChannelCount(string Node, int Input, string Attribute, int Element, int[] Positions);
