namespace ModelBuildTasks.Compression.Reporting;

/// <summary>What became of one node of a simplified model.</summary>
/// <param name="Name">The node's name, or its first output where it has none.</param>
/// <param name="Op">The operator type.</param>
/// <param name="Graph">Empty in the main graph; in a subgraph the names of the nodes and attributes that hold it, such as "If_3/then_branch".</param>
/// <param name="Format">int8, int16, int8-weights, float16 or float.</param>
/// <param name="Reason">Why not more, or where the node went; null where there is nothing to say.</param>
internal sealed record NodeTrace(string Name, string Op, string Graph, string Format, string? Reason);
