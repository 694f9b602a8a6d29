using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Simplification;

/// <summary>Sparse initializers (docs/IR.md) that take more room than a byte for every element would: written out, they can be stored as bytes.</summary>
internal static class SparseWeights
{
    /// <summary>Writes out the sparse initializers that gain from it, in the main graph and in subgraphs.</summary>
    /// <exception cref="Diagnostics.CompressionException">AIM1002: one of them is damaged.</exception>
    public static void WriteOut(OnnxModel model) => WriteOut(model.Proto.Graph, model.Path);

    private static void WriteOut(GraphProto graph, string path)
    {
        foreach (var sparse in graph.SparseInitializer.Where(Gains).ToArray())
        {
            graph.Initializer.Add(SparseTensors.ToDense(sparse, path));
            graph.SparseInitializer.Remove(sparse);
        }

        foreach (var inner in graph.Node.SelectMany(Subgraphs.Of))
        {
            WriteOut(inner, path);
        }
    }

    private static bool Gains(SparseTensorProto sparse) => sparse.Dims.Count >= 2 && sparse.Values is { } values && sparse.Indices is { } indices
        && sparse.Dims.Aggregate(1L, (product, dimension) => product * dimension) < values.SizeInBytes() + indices.SizeInBytes();
}
