using Google.Protobuf.Collections;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>A model whose intermediate values are outputs too, opened in the runtime.</summary>
internal static class ObservedModel
{
    /// <summary>Opens a session that shows values which the main graph's nodes write; types and shapes of the added outputs are left to the runtime. Constants are no activations: they are not shown.</summary>
    /// <param name="model">The model; unchanged afterwards.</param>
    /// <param name="values">The values to show, beside the model's own outputs; null is every value. The fewer, the more the runtime fuses.</param>
    /// <param name="alone">Whether they are all that the model computes: what they do not need is left out, states that are carried included.</param>
    /// <exception cref="Diagnostics.CompressionException">AIM1007: the runtime refuses the model.</exception>
    public static ModelSession Open(OnnxModel model, IReadOnlySet<string>? values, bool alone = false)
    {
        var folder = Directory.CreateTempSubdirectory("ModelBuildTasks.").FullName;
        try
        {
            var path = Path.Combine(folder, "observed.onnx");
            SaveExposed(model, values, alone, path);
            // One thread runs it: nothing else promises the same bits for the same samples on a machine with more processors. To read is another matter: each output has its own observation.
            return ModelSession.Open(path, new SessionSettings { Threads = 1, Readers = Environment.ProcessorCount, MemoryPattern = false, ReportedPath = model.Path });
        }
        finally
        {
            // The runtime keeps the model in memory, so the copy is gone before the first sample: also when the process is killed later.
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void SaveExposed(OnnxModel model, IReadOnlySet<string>? values, bool alone, string path)
    {
        // The graph is lent to the model for the time of the copy: a clone could not be saved by bounded reads.
        var graph = model.Proto.Graph;
        NodeProto[] nodes = [.. graph.Node];
        TensorProto[] initializers = [.. graph.Initializer];
        SparseTensorProto[] sparse = [.. graph.SparseInitializer];
        ValueInfoProto[] inputs = [.. graph.Input], outputs = [.. graph.Output], infos = [.. graph.ValueInfo];
        TensorAnnotation[] annotations = [.. graph.QuantizationAnnotation];
        try
        {
            if (alone)
            {
                graph.Output.Clear();
            }

            var known = graph.Output.Select(output => output.Name).ToHashSet(StringComparer.Ordinal);
            foreach (var name in nodes.Where(node => node.OpType != "Constant").SelectMany(node => node.Output))
            {
                if (name.Length > 0 && values?.Contains(name) != false && known.Add(name))
                {
                    graph.Output.Add(new ValueInfoProto { Name = name });
                }
            }

            if (alone)
            {
                var remaining = model.EditGraph();
                remaining.RemoveUnused();
                remaining.Commit();
            }

            model.SaveOfAnySize(path);
        }
        finally
        {
            Restore(graph.Node, nodes);
            Restore(graph.Initializer, initializers);
            Restore(graph.SparseInitializer, sparse);
            Restore(graph.Input, inputs);
            Restore(graph.Output, outputs);
            Restore(graph.ValueInfo, infos);
            Restore(graph.QuantizationAnnotation, annotations);
        }
    }

    private static void Restore<T>(RepeatedField<T> field, T[] items)
    {
        field.Clear();
        field.AddRange(items);
    }
}
