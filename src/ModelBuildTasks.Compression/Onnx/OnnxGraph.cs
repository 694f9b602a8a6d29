namespace ModelBuildTasks.Compression.Onnx;

/// <summary>A graph with its producers and consumers, kept right through every edit.</summary>
internal sealed class OnnxGraph
{
    public OnnxGraph(GraphProto graph) => throw new NotImplementedException();

    public GraphProto Proto => throw new NotImplementedException();

    /// <summary>The nodes in topological order, a snapshot: safe to iterate while editing.</summary>
    public IReadOnlyList<NodeProto> Nodes => throw new NotImplementedException();

    /// <summary>The node that writes <paramref name="value"/>; null for graph inputs, initializers and outer-scope values.</summary>
    public NodeProto? Producer(string value) => throw new NotImplementedException();

    /// <summary>Every use of a value as a node input, in node order. A use inside a subgraph counts as a use by the node that holds the subgraph, with Index -1.</summary>
    public IReadOnlyList<NodeInput> Consumers(string value) => throw new NotImplementedException();

    public bool IsGraphInput(string value) => throw new NotImplementedException();

    public bool IsGraphOutput(string value) => throw new NotImplementedException();

    /// <summary>The constant behind a value: an initializer (that no graph input can override) or the tensor of a Constant node.</summary>
    public TensorProto? Constant(string value) => throw new NotImplementedException();

    /// <summary>A name that no value, node or subgraph uses: the stem itself, or the stem with a number.</summary>
    public string UniqueName(string stem) => throw new NotImplementedException();

    /// <summary>Adds a node; its place is found by its inputs and outputs.</summary>
    public void Add(NodeProto node) => throw new NotImplementedException();

    public void Remove(NodeProto node) => throw new NotImplementedException();

    /// <summary>Lets a node read another value.</summary>
    public void SetInput(NodeProto node, int index, string value) => throw new NotImplementedException();

    /// <summary>Lets a node write another value; consumers of the old one are left alone.</summary>
    public void SetOutput(NodeProto node, int index, string value) => throw new NotImplementedException();

    /// <summary>Adds a constant and returns its name.</summary>
    public string AddInitializer(TensorProto tensor) => throw new NotImplementedException();

    /// <summary>Removes constants and nodes that nothing reads any more, and value_info of values that are gone.</summary>
    public void RemoveUnused() => throw new NotImplementedException();

    /// <summary>Writes the edits back into <see cref="Proto"/> in a stable topological order.</summary>
    public void Commit() => throw new NotImplementedException();
}
