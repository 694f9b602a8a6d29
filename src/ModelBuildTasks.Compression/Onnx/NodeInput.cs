namespace ModelBuildTasks.Compression.Onnx;

/// <summary>One use of a value: the node and which of its inputs; -1 where a subgraph of the node reads it.</summary>
internal readonly record struct NodeInput(NodeProto Node, int Index);
