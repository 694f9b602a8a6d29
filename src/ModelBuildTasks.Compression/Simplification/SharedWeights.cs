using System.Security.Cryptography;
using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Simplification;

/// <summary>Weights that are in a model more than once, as exporters or constant folding leave them, and could be there once.</summary>
internal static class SharedWeights
{
    /// <summary>Smaller constants are not worth a look.</summary>
    private const long LeastBytes = 1024;

    /// <summary>Lets readers of equal constants read one of them. Where subgraphs have them it moves to the main graph: folding makes one of each use inside a branch.</summary>
    public static void MergeEqual(OnnxModel model)
    {
        var main = model.EditGraph();
        var graphs = main.WithInner();
        var candidates = graphs.SelectMany(graph => graph.Proto.Initializer.Where(tensor => IsCandidate(tensor, graph)).Select(tensor => (Graph: graph, Tensor: tensor)));
        var merged = new List<(OnnxGraph Graph, string Name, string Replacement)>();
        foreach (var alike in candidates.GroupBy(each => (each.Tensor.DataType, Dims: string.Join(',', each.Tensor.Dims), Beginning(each.Tensor))).ToArray())
        {
            foreach (var equal in Equal([.. alike]).Where(equal => equal.Count > 1))
            {
                // The main graph comes first.
                var (graph, kept) = equal[0];
                var name = graph == main ? kept.Name : main.AddInitializer(kept.Clone());
                // Unless the name means something else there.
                merged.AddRange(equal.Where(each => each.Tensor.Name != name && each.Graph.Owner(name) == main).Select(each => (each.Graph, each.Tensor.Name, name)));
            }
        }

        // From the inside out: edits reach from outside in.
        foreach (var graph in graphs.Reverse())
        {
            foreach (var (_, name, replacement) in merged.Where(each => each.Graph == graph))
            {
                graph.ReplaceUses(name, replacement);
            }

            if (graph == main || merged.Exists(each => each.Graph == graph))
            {
                graph.RemoveUnused();
                graph.Commit();
            }
        }
    }

    /// <summary>
    /// Undoes the folding of a Transpose whose matrix is read elsewhere too (a table of embeddings that is the last layer's matrix), so that it is there once. The runtime folds it again when it loads the model.
    /// </summary>
    /// <param name="model">The simplified model.</param>
    /// <param name="original">The main graph before.</param>
    public static void RestoreTransposes(OnnxModel model, GraphProto original)
    {
        var graph = model.EditGraph();
        foreach (var node in original.Node.Where(node => node.IsStandard("Transpose")))
        {
            var (matrix, turned) = (node.Input[0], node.Output[0]);
            if (graph.Constant(matrix) is { Dims.Count: 2 } before && graph.Constant(turned) is { } after && graph.Consumers(matrix).Count > 0
                && !graph.IsGraphOutput(turned) && IsTransposed(before, after))
            {
                var restored = node.Clone();
                restored.Output[0] = graph.UniqueName(turned);
                graph.Add(restored);
                graph.ReplaceUses(turned, restored.Output[0]);
            }
        }

        graph.RemoveUnused();
        graph.Commit();
    }

    private static bool IsCandidate(TensorProto tensor, OnnxGraph graph) => tensor.ElementType() != DataType.String && tensor.SizeInBytes() >= LeastBytes
        && !graph.IsGraphInput(tensor.Name) && !graph.IsGraphOutput(tensor.Name);

    // Layers of one kind have weights of one shape: most of them differ in the first bytes, and are not read any further.
    private static string Beginning(TensorProto tensor)
    {
        var bytes = new BytesReader(tensor);
        return Convert.ToHexString(SHA256.HashData(bytes.Read(0, (int)Math.Min(LeastBytes, bytes.Length)).Span));
    }

    private static List<List<(OnnxGraph Graph, TensorProto Tensor)>> Equal(IReadOnlyList<(OnnxGraph Graph, TensorProto Tensor)> alike)
    {
        var equal = new List<List<(OnnxGraph Graph, TensorProto Tensor)>>();
        foreach (var each in alike)
        {
            if (equal.Find(others => AreEqual(others[0].Tensor, each.Tensor)) is { } others)
            {
                others.Add(each);
            }
            else
            {
                equal.Add([each]);
            }
        }

        return equal;
    }

    private static bool AreEqual(TensorProto first, TensorProto second) =>
        new BytesReader(first).Parts().Zip(new BytesReader(second).Parts()).All(parts => parts.First.Span.SequenceEqual(parts.Second.Span));

    private static bool IsTransposed(TensorProto before, TensorProto after)
    {
        if (before.ElementType() != DataType.Float || after.ElementType() != DataType.Float || !after.Dims.SequenceEqual(before.Dims.Reverse()))
        {
            return false;
        }

        var (rows, columns) = ((int)before.Dims[0], (int)before.Dims[1]);
        var first = before.Singles();
        var second = after.Singles();
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                if (BitConverter.SingleToInt32Bits(first[(row * columns) + column]) != BitConverter.SingleToInt32Bits(second[(column * rows) + row]))
                {
                    return false;
                }
            }
        }

        return true;
    }
}
