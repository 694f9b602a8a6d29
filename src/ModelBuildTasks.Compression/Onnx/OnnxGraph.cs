namespace ModelBuildTasks.Compression.Onnx;

/// <summary>
/// A graph with its producers and consumers, kept right through every edit. Inputs and outputs of nodes change through this class only; tensors and
/// attributes may be edited directly. One instance at a time edits a graph.
/// </summary>
internal sealed class OnnxGraph
{
    /// <summary>The first IR version in which an initializer need not be a graph input, so that one which is a graph input is only its default (docs/IR.md).</summary>
    private const long OverridableInitializersVersion = 4;

    private readonly long irVersion;
    private readonly HashSet<string> inputs;
    private readonly HashSet<string> outputs;
    private readonly Dictionary<string, TensorProto> initializers = [];
    private readonly Dictionary<NodeProto, IReadOnlyList<string>> outerNames = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<NodeProto, TensorProto?> constants = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<NodeProto, int> ranks = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, NodeProto> producers = [];
    private readonly Dictionary<string, List<NodeInput>> consumers = [];
    private readonly UniqueNames names;
    private int nextRank;
    private NodeProto[]? sorted;

    /// <param name="graph">The graph to edit.</param>
    /// <param name="irVersion">ModelProto.ir_version: below 4 every initializer is a graph input too and yet constant.</param>
    public OnnxGraph(GraphProto graph, long irVersion = OverridableInitializersVersion)
    {
        Proto = graph;
        this.irVersion = irVersion;
        names = new UniqueNames(Subgraphs.Names(graph));
        inputs = graph.Input.Select(input => input.Name).ToHashSet();
        outputs = graph.Output.Select(output => output.Name).ToHashSet();
        foreach (var tensor in graph.Initializer)
        {
            initializers[tensor.Name] = tensor;
        }

        foreach (var node in graph.Node)
        {
            Register(node);
        }
    }

    public GraphProto Proto { get; }

    /// <summary>The nodes in topological order, a snapshot: safe to iterate while editing.</summary>
    /// <exception cref="InvalidOperationException">An edit made a cycle.</exception>
    public IReadOnlyList<NodeProto> Nodes => sorted ??= TopologicalOrder.Sort(ranks.OrderBy(node => node.Value).Select(node => node.Key), ProducersOf);

    /// <summary>The node that writes <paramref name="value"/>; null for graph inputs, initializers and outer-scope values.</summary>
    public NodeProto? Producer(string value) => producers.GetValueOrDefault(value);

    /// <summary>
    /// Every use of a value as a node input, in node order (added nodes last), a snapshot: safe to iterate while editing. A use inside a subgraph counts as
    /// a use by the node that holds the subgraph, with Index -1.
    /// </summary>
    public IReadOnlyList<NodeInput> Consumers(string value) => consumers.TryGetValue(value, out var uses)
        ? [.. uses.OrderBy(use => ranks[use.Node]).ThenBy(use => (uint)use.Index)]
        : [];

    public bool IsGraphInput(string value) => inputs.Contains(value);

    public bool IsGraphOutput(string value) => outputs.Contains(value);

    /// <summary>The constant behind a value: an initializer (that no graph input can override) or the tensor of a Constant node.</summary>
    public TensorProto? Constant(string value)
    {
        if (initializers.TryGetValue(value, out var tensor))
        {
            return IsOverridable(value) ? null : tensor;
        }

        if (Producer(value) is not { } node || !node.IsConstant())
        {
            return null;
        }

        if (!constants.TryGetValue(node, out tensor))
        {
            constants.Add(node, tensor = ConstantNodes.Tensor(node));
        }

        return tensor;
    }

    /// <summary>A name that no value, node or subgraph uses: the stem itself, or the stem with a number. It is not given out twice.</summary>
    public string UniqueName(string stem) => names.Next(stem);

    /// <summary>Adds a node; its place is found by its inputs and outputs.</summary>
    public void Add(NodeProto node)
    {
        if (ranks.ContainsKey(node))
        {
            throw new ArgumentException($"The node '{node.Name}' is in the graph already.", nameof(node));
        }

        Register(node);
        names.Add(Subgraphs.Names(node));
    }

    public void Remove(NodeProto node)
    {
        sorted = null;
        for (var i = 0; i < node.Input.Count; i++)
        {
            RemoveUse(node.Input[i], node, i);
        }

        RemoveOuterNames(node);
        foreach (var output in node.Output)
        {
            RemoveProducer(output, node);
        }

        ranks.Remove(node);
        constants.Remove(node);
    }

    /// <summary>Lets a node read another value. An index beyond the node's inputs adds inputs, those between being omitted ones.</summary>
    public void SetInput(NodeProto node, int index, string value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        sorted = null;
        while (node.Input.Count <= index)
        {
            node.Input.Add("");
        }

        RemoveUse(node.Input[index], node, index);
        node.Input[index] = value;
        AddUse(value, node, index);
        names.Add([value]);
    }

    /// <summary>Lets a node write another value; consumers of the old one are left alone.</summary>
    public void SetOutput(NodeProto node, int index, string value)
    {
        sorted = null;
        RemoveProducer(node.Output[index], node);
        node.Output[index] = value;
        AddProducer(value, node);
        constants.Remove(node);
        names.Add([value]);
    }

    /// <summary>Lets every reader of a value, inside subgraphs too, read another one; graph outputs keep theirs.</summary>
    public void ReplaceUses(string value, string replacement)
    {
        foreach (var use in Consumers(value))
        {
            if (use.Index >= 0)
            {
                SetInput(use.Node, use.Index, replacement);
                continue;
            }

            sorted = null;
            RemoveOuterNames(use.Node);
            Subgraphs.ReplaceUses(use.Node, value, replacement);
            AddOuterNames(use.Node);
        }
    }

    /// <summary>Adds a constant and returns its name, which is made unique.</summary>
    public string AddInitializer(TensorProto tensor)
    {
        tensor.Name = UniqueName(tensor.Name);
        Proto.Initializer.Add(tensor);
        initializers.Add(tensor.Name, tensor);
        return tensor.Name;
    }

    /// <summary>Removes constants and nodes that nothing reads any more, and value_info of values that are gone. Graph inputs stay.</summary>
    public void RemoveUnused()
    {
        var live = Live();
        foreach (var node in Nodes.Where(node => !live.Contains(node)))
        {
            Remove(node);
        }

        // What an annotation names is read by whoever reads the annotation.
        var annotated = Proto.QuantizationAnnotation.SelectMany(annotation => annotation.QuantParameterTensorNames).Select(entry => entry.Value).ToHashSet();
        var unused = initializers.Keys.Where(name => !consumers.ContainsKey(name) && !outputs.Contains(name) && !annotated.Contains(name) && !IsOverridable(name)).ToHashSet();
        foreach (var name in unused)
        {
            initializers.Remove(name);
            inputs.Remove(name);
        }

        Keep(Proto.Initializer, tensor => !unused.Contains(tensor.Name));
        Keep(Proto.SparseInitializer, tensor => tensor.Values is not { } values || consumers.ContainsKey(values.Name) || outputs.Contains(values.Name));
        Keep(Proto.Input, input => !unused.Contains(input.Name));
        var sparse = Proto.SparseInitializer.Select(tensor => tensor.Values?.Name).ToHashSet();
        bool Exists(string name) => producers.ContainsKey(name) || initializers.ContainsKey(name) || inputs.Contains(name) || sparse.Contains(name);
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
    }

    private static void Keep<T>(Google.Protobuf.Collections.RepeatedField<T> items, Predicate<T> predicate)
    {
        var kept = items.Where(item => predicate(item)).ToArray();
        if (kept.Length < items.Count)
        {
            items.Clear();
            items.AddRange(kept);
        }
    }

    private bool IsOverridable(string initializer) => irVersion >= OverridableInitializersVersion && inputs.Contains(initializer);

    private IEnumerable<NodeProto> ProducersOf(NodeProto node) => node.Input.Concat(outerNames.GetValueOrDefault(node, []))
        .Select(Producer).OfType<NodeProto>();

    private HashSet<NodeProto> Live()
    {
        var live = new HashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        var waiting = new Stack<NodeProto>(outputs.Select(Producer).OfType<NodeProto>());
        while (waiting.TryPop(out var node))
        {
            if (live.Add(node))
            {
                foreach (var producer in ProducersOf(node))
                {
                    waiting.Push(producer);
                }
            }
        }

        return live;
    }

    private void Register(NodeProto node)
    {
        sorted = null;
        ranks.Add(node, nextRank++);
        for (var i = 0; i < node.Input.Count; i++)
        {
            AddUse(node.Input[i], node, i);
        }

        AddOuterNames(node);
        foreach (var output in node.Output)
        {
            AddProducer(output, node);
        }
    }

    private void AddOuterNames(NodeProto node)
    {
        var read = Subgraphs.OuterNames(node);
        if (read.Count > 0)
        {
            outerNames.Add(node, read);
            foreach (var name in read)
            {
                AddUse(name, node, -1);
            }
        }
    }

    private void RemoveOuterNames(NodeProto node)
    {
        outerNames.Remove(node, out var read);
        foreach (var name in read ?? [])
        {
            RemoveUse(name, node, -1);
        }
    }

    private void AddProducer(string value, NodeProto node)
    {
        if (value.Length > 0)
        {
            producers[value] = node;
        }
    }

    private void RemoveProducer(string value, NodeProto node)
    {
        // Another node may have taken the value over already.
        if (ReferenceEquals(Producer(value), node))
        {
            producers.Remove(value);
        }
    }

    private void AddUse(string value, NodeProto node, int index)
    {
        if (value.Length == 0)
        {
            return;
        }

        if (!consumers.TryGetValue(value, out var uses))
        {
            consumers.Add(value, uses = []);
        }

        uses.Add(new NodeInput(node, index));
    }

    private void RemoveUse(string value, NodeProto node, int index)
    {
        if (consumers.TryGetValue(value, out var uses))
        {
            uses.RemoveAll(use => ReferenceEquals(use.Node, node) && use.Index == index);
            if (uses.Count == 0)
            {
                consumers.Remove(value);
            }
        }
    }
}
