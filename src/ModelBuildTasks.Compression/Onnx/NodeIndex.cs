namespace ModelBuildTasks.Compression.Onnx;

/// <summary>Which node writes a value and which nodes read it.</summary>
internal sealed class NodeIndex
{
    /// <summary>The index of a use inside a subgraph.</summary>
    public const int InSubgraph = -1;

    // By reference: generated messages compare by content, which is slow and changes with every edit.
    private readonly Dictionary<NodeProto, int> ranks = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<NodeProto, IReadOnlyList<string>> outerNames = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, NodeProto> producers = [];
    private readonly Dictionary<string, List<NodeInput>> consumers = [];
    private int nextRank;
    private NodeProto[]? sorted;

    /// <summary>The nodes in topological order.</summary>
    /// <exception cref="InvalidOperationException">The nodes form a cycle.</exception>
    public NodeProto[] Sorted => sorted ??= TopologicalOrder.Sort(ranks.OrderBy(node => node.Value).Select(node => node.Key), ProducersFor);

    public bool Contains(NodeProto node) => ranks.ContainsKey(node);

    public NodeProto? Producer(string value) => producers.GetValueOrDefault(value);

    public bool IsRead(string value) => consumers.ContainsKey(value);

    /// <summary>The uses of a value in the order in which the nodes were added, those inside subgraphs after the node's own.</summary>
    public NodeInput[] Consumers(string value) => consumers.TryGetValue(value, out var uses)
        ? [.. uses.OrderBy(use => ranks[use.Node]).ThenBy(use => (uint)use.Index)]
        : [];

    /// <summary>The nodes that a node reads from, in its subgraphs too.</summary>
    public IEnumerable<NodeProto> ProducersFor(NodeProto node) =>
        node.Input.Concat(outerNames.GetValueOrDefault(node, [])).Select(Producer).OfType<NodeProto>();

    public void Add(NodeProto node)
    {
        sorted = null;
        ranks.Add(node, nextRank++);
        for (var i = 0; i < node.Input.Count; i++)
        {
            AddUse(node.Input[i], new NodeInput(node, i));
        }

        AddOuterNames(node);
        foreach (var output in node.Output)
        {
            AddProducer(output, node);
        }
    }

    public void Remove(NodeProto node)
    {
        sorted = null;
        for (var i = 0; i < node.Input.Count; i++)
        {
            RemoveUse(node.Input[i], new NodeInput(node, i));
        }

        RemoveOuterNames(node);
        foreach (var output in node.Output)
        {
            RemoveProducer(output, node);
        }

        ranks.Remove(node);
    }

    public void SetInput(NodeInput input, string value)
    {
        sorted = null;
        RemoveUse(input.Node.Input[input.Index], input);
        input.Node.Input[input.Index] = value;
        AddUse(value, input);
    }

    public void SetOutput(NodeProto node, int index, string value)
    {
        sorted = null;
        RemoveProducer(node.Output[index], node);
        node.Output[index] = value;
        AddProducer(value, node);
    }

    /// <summary>Lets the subgraphs of a node read another value.</summary>
    public void ReplaceInSubgraphs(NodeProto node, string value, string replacement)
    {
        sorted = null;
        RemoveOuterNames(node);
        Subgraphs.ReplaceUses(node, value, replacement);
        AddOuterNames(node);
    }

    /// <summary>Takes notice of what the subgraphs of a node read now.</summary>
    public void ReadSubgraphs(NodeProto node)
    {
        sorted = null;
        RemoveOuterNames(node);
        AddOuterNames(node);
    }

    private void AddOuterNames(NodeProto node)
    {
        var names = Subgraphs.OuterNames(node);
        if (names.Count > 0)
        {
            outerNames.Add(node, names);
            foreach (var name in names)
            {
                AddUse(name, new NodeInput(node, InSubgraph));
            }
        }
    }

    private void RemoveOuterNames(NodeProto node)
    {
        outerNames.Remove(node, out var names);
        foreach (var name in names ?? [])
        {
            RemoveUse(name, new NodeInput(node, InSubgraph));
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

    private void AddUse(string value, NodeInput use)
    {
        if (value.Length == 0)
        {
            return;
        }

        if (!consumers.TryGetValue(value, out var uses))
        {
            consumers.Add(value, uses = []);
        }

        uses.Add(use);
    }

    private void RemoveUse(string value, NodeInput use)
    {
        if (consumers.TryGetValue(value, out var uses))
        {
            uses.RemoveAll(candidate => ReferenceEquals(candidate.Node, use.Node) && candidate.Index == use.Index);
            if (uses.Count == 0)
            {
                consumers.Remove(value);
            }
        }
    }
}
