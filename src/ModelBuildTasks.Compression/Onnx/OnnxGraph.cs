using Google.Protobuf.Collections;

namespace ModelBuildTasks.Compression.Onnx;

/// <summary>
/// A graph with its producers and consumers, kept right through every edit. Nodes, their inputs and outputs, and names change through this
/// class only; values of tensors and attributes may be edited directly. One instance at a time edits a graph.
/// </summary>
internal sealed class OnnxGraph
{
    /// <summary>
    /// The first IR version in which an initializer need not be a graph input, so that one which is a graph input is only its default
    /// (docs/IR.md).
    /// </summary>
    private const long OverridableInitializersVersion = 4;

    private readonly bool inputsOverride;
    private readonly HashSet<string> inputs;
    private readonly HashSet<string> outputs;
    private readonly Dictionary<string, TensorProto> initializers = [];
    private readonly NodeIndex index = new();
    private readonly UniqueNames names;
    private readonly MappedPayloads? payloads;
    private readonly OnnxGraph? outer;
    private readonly NodeProto? holder;

    /// <param name="graph">The graph to edit.</param>
    /// <param name="irVersion">ModelProto.ir_version: below 4 every initializer is a graph input too and yet constant.</param>
    /// <param name="payloads">Where the bytes of large new tensors go; null for the heap.</param>
    public OnnxGraph(GraphProto graph, long irVersion = OverridableInitializersVersion, MappedPayloads? payloads = null)
        : this(graph, irVersion >= OverridableInitializersVersion, payloads, new UniqueNames(Subgraphs.Names(graph)), null, null)
    {
    }

    private OnnxGraph(GraphProto graph, bool inputsOverride, MappedPayloads? payloads, UniqueNames names, OnnxGraph? outer, NodeProto? holder)
    {
        Proto = graph;
        this.inputsOverride = inputsOverride;
        this.payloads = payloads;
        this.names = names;
        this.outer = outer;
        this.holder = holder;
        inputs = graph.Input.Select(input => input.Name).ToHashSet();
        outputs = graph.Output.Select(output => output.Name).ToHashSet();
        foreach (var tensor in graph.Initializer)
        {
            initializers[tensor.Name] = tensor;
        }

        foreach (var node in graph.Node)
        {
            index.Add(node);
        }
    }

    public GraphProto Proto { get; }

    /// <summary>The nodes in topological order, a snapshot: safe to iterate while editing.</summary>
    /// <exception cref="InvalidOperationException">An edit made a cycle.</exception>
    public IReadOnlyList<NodeProto> Nodes => index.Sorted;

    /// <summary>The node that writes <paramref name="value"/>; null for graph inputs, initializers and outer-scope values.</summary>
    public NodeProto? Producer(string value) => index.Producer(value);

    /// <summary>
    /// Every use of a value as a node input, in node order (added nodes last), a snapshot: safe to iterate while editing. A use inside a
    /// subgraph counts as a use by the node that holds the subgraph, with Index -1.
    /// </summary>
    public IReadOnlyList<NodeInput> Consumers(string value) => index.Consumers(value);

    /// <summary>The node of the surrounding graph that holds this one; null for a main graph.</summary>
    public NodeProto? Holder => holder;

    /// <summary>The graphs that a node of this one holds, ready to be edited: names are unique across all of them. What is edited inside counts here once it is committed.</summary>
    public IEnumerable<OnnxGraph> Inner(NodeProto node) => Subgraphs.Of(node).Select(graph => new OnnxGraph(graph, inputsOverride, payloads, names, this, node));

    /// <summary>This graph and all that its nodes hold, at any depth; each before those inside it.</summary>
    public IReadOnlyList<OnnxGraph> WithInner() => [this, .. Nodes.SelectMany(Inner).SelectMany(inner => inner.WithInner())];

    /// <summary>The graph in which a name gets its meaning: this one, or the nearest around it that defines it; null where none does.</summary>
    public OnnxGraph? Owner(string value) => Defines(value) ? this : outer?.Owner(value);

    /// <summary>Whether a value is a sparse initializer, of this graph or one around it.</summary>
    public bool IsSparse(string value) => HasSparse(value) || (!Defines(value) && outer?.IsSparse(value) == true);

    public bool IsGraphInput(string value) => inputs.Contains(value);

    public bool IsGraphOutput(string value) => outputs.Contains(value);

    /// <summary>The constant behind a value, of this graph or one around it: an initializer (that no graph input can override) or the tensor of a Constant node.</summary>
    public TensorProto? Constant(string value)
    {
        if (initializers.TryGetValue(value, out var tensor))
        {
            return IsOverridable(value) ? null : tensor;
        }

        return Producer(value) is { } node ? node.IsConstant() ? ConstantNodes.Tensor(node) : null
            : IsGraphInput(value) || HasSparse(value) ? null
            : outer?.Constant(value);
    }

    /// <summary>
    /// A name that no value, node or subgraph uses: the stem itself, or the stem with a number. It is not given out twice.
    /// </summary>
    public string UniqueName(string stem) => names.Next(stem);

    /// <summary>Adds a node; its place is found by its inputs and outputs.</summary>
    public void Add(NodeProto node)
    {
        if (index.Contains(node))
        {
            throw new ArgumentException($"The node '{node.Name}' is in the graph already.", nameof(node));
        }

        index.Add(node);
        names.Add(Subgraphs.Names(node));
    }

    public void Remove(NodeProto node) => index.Remove(node);

    /// <summary>Lets a node read another value. An index beyond the node's inputs adds inputs, those between being omitted ones.</summary>
    public void SetInput(NodeProto node, int index, string value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        while (node.Input.Count <= index)
        {
            node.Input.Add("");
        }

        this.index.SetInput(new NodeInput(node, index), value);
        names.Add([value]);
    }

    /// <summary>Lets a node write another value; consumers of the old one are left alone.</summary>
    public void SetOutput(NodeProto node, int index, string value)
    {
        this.index.SetOutput(node, index, value);
        names.Add([value]);
    }

    /// <summary>Lets every reader of a value, inside subgraphs too, read another one; graph outputs keep theirs.</summary>
    public void ReplaceUses(string value, string replacement)
    {
        foreach (var use in Consumers(value))
        {
            if (use.Index == NodeIndex.InSubgraph)
            {
                index.ReplaceInSubgraphs(use.Node, value, replacement);
            }
            else
            {
                index.SetInput(use, replacement);
            }
        }

        names.Add([replacement]);
    }

    /// <summary>Gives an inner value another name wherever it stands: the stem, made unique. Returns the name.</summary>
    /// <exception cref="ArgumentException">The value is an input or output of the graph, whose names are its contract.</exception>
    public string Rename(string value, string stem)
    {
        if (IsGraphInput(value) || IsGraphOutput(value))
        {
            throw new ArgumentException($"'{value}' is an input or output of the graph and keeps its name.", nameof(value));
        }

        var name = UniqueName(stem);
        ReplaceUses(value, name);
        if (Producer(value) is { } node)
        {
            SetOutput(node, node.Output.IndexOf(value), name);
        }
        else if (initializers.Remove(value, out var tensor))
        {
            tensor.Name = name;
            initializers.Add(name, tensor);
        }

        foreach (var info in Proto.ValueInfo.Where(info => info.Name == value))
        {
            info.Name = name;
        }

        foreach (var annotation in Proto.QuantizationAnnotation.Where(annotation => annotation.TensorName == value))
        {
            annotation.TensorName = name;
        }

        return name;
    }

    /// <summary>Adds a constant and returns its name, which is made unique.</summary>
    public string AddInitializer(TensorProto tensor)
    {
        tensor.Name = UniqueName(tensor.Name);
        Proto.Initializer.Add(tensor);
        initializers.Add(tensor.Name, tensor);
        return tensor.Name;
    }

    /// <summary>Takes the bytes of a tensor to add; they go to the model's scratch file once they are many.</summary>
    /// <exception cref="Diagnostics.CompressionException">AIM1303: the scratch file cannot be written.</exception>
    public PayloadWriter NewPayload(long length) => payloads?.Create(length) ?? new PayloadWriter(length);

    /// <summary>
    /// Removes constants and nodes that nothing reads any more, and value_info of values that are gone. Graph inputs stay.
    /// </summary>
    public void RemoveUnused()
    {
        var live = LiveNodes();
        foreach (var node in Nodes.Where(node => !live.Contains(node)))
        {
            Remove(node);
        }

        // What an annotation names is read by whoever reads the annotation.
        var annotated = Proto.QuantizationAnnotation
            .SelectMany(annotation => annotation.QuantParameterTensorNames)
            .Select(entry => entry.Value)
            .ToHashSet();
        bool IsUsed(string name) => index.IsRead(name) || IsGraphOutput(name) || annotated.Contains(name);

        // An initializer that a graph input can override is part of the model's contract; in old IR versions the input is only its
        // declaration.
        var unused = initializers.Keys.Where(name => !IsUsed(name) && !IsOverridable(name)).ToHashSet();
        foreach (var name in unused)
        {
            initializers.Remove(name);
            inputs.Remove(name);
        }

        Keep(Proto.Initializer, tensor => !unused.Contains(tensor.Name));
        Keep(Proto.Input, input => !unused.Contains(input.Name));
        Keep(Proto.SparseInitializer, tensor => tensor.Values is null || IsUsed(tensor.Values.Name));
        var sparse = Proto.SparseInitializer.Select(tensor => tensor.Values?.Name).ToHashSet();
        bool Exists(string name) =>
            Producer(name) is not null || initializers.ContainsKey(name) || IsGraphInput(name) || sparse.Contains(name);
        Keep(Proto.ValueInfo, info => Exists(info.Name));
        Keep(Proto.QuantizationAnnotation, annotation => Exists(annotation.TensorName));
    }

    /// <summary>Writes the edits back into <see cref="Proto"/> in a stable topological order.</summary>
    /// <exception cref="InvalidOperationException">An edit made a cycle.</exception>
    public void Commit()
    {
        var nodes = Nodes;
        Proto.Node.Clear();
        Proto.Node.AddRange(nodes);
        for (var graph = this; graph.outer is { } around; graph = around)
        {
            around.index.ReadSubgraphs(graph.holder!);
        }
    }

    private bool Defines(string value) => initializers.ContainsKey(value) || IsGraphInput(value) || Producer(value) is not null || HasSparse(value);

    private bool HasSparse(string value) => Proto.SparseInitializer.Any(tensor => tensor.Values?.Name == value);

    private static void Keep<T>(RepeatedField<T> items, Predicate<T> predicate)
    {
        var kept = items.Where(item => predicate(item)).ToArray();
        if (kept.Length < items.Count)
        {
            items.Clear();
            items.AddRange(kept);
        }
    }

    private bool IsOverridable(string initializer) => inputsOverride && IsGraphInput(initializer);

    private HashSet<NodeProto> LiveNodes()
    {
        var live = new HashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        var waiting = new Stack<NodeProto>(outputs.Select(Producer).OfType<NodeProto>());
        while (waiting.TryPop(out var node))
        {
            if (live.Add(node))
            {
                foreach (var producer in index.ProducersFor(node))
                {
                    waiting.Push(producer);
                }
            }
        }

        return live;
    }
}
