namespace ModelBuildTasks.Compression.Onnx;

/// <summary>The order in which every node comes after the nodes it reads from.</summary>
internal static class TopologicalOrder
{
    /// <summary>
    /// Sorts nodes; what is in order already stays as it is, and a node that comes too late moves up to just before its first reader.
    /// </summary>
    /// <param name="nodes">The nodes in the order to keep where possible.</param>
    /// <param name="producers">The nodes that a node reads from.</param>
    /// <exception cref="InvalidOperationException">The nodes form a cycle.</exception>
    public static NodeProto[] Sort(IEnumerable<NodeProto> nodes, Func<NodeProto, IEnumerable<NodeProto>> producers)
    {
        var sorted = new List<NodeProto>();
        var finished = new Dictionary<NodeProto, bool>(ReferenceEqualityComparer.Instance);

        // Depth first with a stack of our own: a chain may be longer than the thread's stack allows.
        var path = new Stack<(NodeProto Node, IEnumerator<NodeProto> Producers)>();
        foreach (var node in nodes)
        {
            Enter(node);
            while (path.TryPeek(out var top))
            {
                if (top.Producers.MoveNext())
                {
                    Enter(top.Producers.Current);
                }
                else
                {
                    top.Producers.Dispose();
                    path.Pop();
                    finished[top.Node] = true;
                    sorted.Add(top.Node);
                }
            }
        }

        return [.. sorted];

        void Enter(NodeProto node)
        {
            if (finished.TryAdd(node, false))
            {
                path.Push((node, producers(node).GetEnumerator()));
            }
            else if (!finished[node])
            {
                throw new InvalidOperationException(
                    $"The nodes form a cycle through '{node.Name}' ({node.OpType}, which writes '{node.Output.FirstOrDefault()}').");
            }
        }
    }
}
