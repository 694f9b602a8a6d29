using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Pruning.Blocks;

/// <summary>A branch that adds to a value what it computes of it, y = x + F(x): without it, y is x. A transformer's layer is two of them, attention and what follows.</summary>
/// <param name="Sum">The name of the node that adds.</param>
/// <param name="Around">Which of its inputs is x.</param>
internal sealed record ResidualBlock(string Sum, int Around)
{
    /// <summary>The blocks of a main graph, in the order in which they run.</summary>
    /// <param name="graph">The graph; its nodes have names of their own.</param>
    /// <param name="dimensions">The dimensions of a value in a run; null where they are not known.</param>
    public static IReadOnlyList<ResidualBlock> Of(OnnxGraph graph, Func<string, long[]?> dimensions)
    {
        var blocks = new List<ResidualBlock>();
        foreach (var node in graph.Nodes.Where(node => node.IsStandard("Add") && !graph.IsGraphOutput(node.Output[0]) && node.Input.All(input => graph.Constant(input) is null)))
        {
            var around = Enumerable.Range(0, 2).Where(index => IsOf(graph, node.Input[1 - index], node.Input[index])).ToArray();
            if (around is [var index] && dimensions(node.Input[index]) is { } shape && dimensions(node.Output[0]) is { } sum && shape.SequenceEqual(sum))
            {
                blocks.Add(new ResidualBlock(node.Name, index));
            }
        }

        return blocks;
    }

    /// <summary>Takes the block out of a graph, which may be another load of the one where it was found; false where it is gone already, with one around it.</summary>
    public bool Remove(OnnxGraph graph)
    {
        if (graph.Nodes.FirstOrDefault(node => node.Name == Sum) is not { } node)
        {
            return false;
        }

        graph.ReplaceUses(node.Output[0], node.Input[Around]);
        graph.RemoveUnused();
        return true;
    }

    /// <summary>Whether a value is computed of another one.</summary>
    private static bool IsOf(OnnxGraph graph, string value, string source)
    {
        var (known, waiting) = (new HashSet<string>(StringComparer.Ordinal) { value }, new Stack<string>([value]));
        while (waiting.TryPop(out var next))
        {
            if (next == source)
            {
                return value != source;
            }

            foreach (var input in graph.Producer(next) is { } node ? node.Input.Concat(Subgraphs.OuterNames(node)).Where(known.Add) : [])
            {
                waiting.Push(input);
            }
        }

        return false;
    }
}
