using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>
/// A table that is looked up and stored as bytes, Gather(Mul(Cast(bytes), scale), indices), looked up first and restored afterwards: Mul(Cast(Gather(bytes, indices)), Gather(scale, indices)). Only the entries that
/// are asked for are restored, so that nothing has to fold the whole table into floats.
/// </summary>
internal static class GatheredBytes
{
    /// <summary>Rewrites the tables that nothing but Gather reads, along the axis of their scales.</summary>
    public static void Apply(OnnxModel model)
    {
        foreach (var graph in model.EditGraph().WithInner().Reverse())
        {
            var tables = graph.Nodes.Select(node => Table(node, graph)).OfType<(NodeProto Cast, NodeProto Product, NodeProto? Rounding, IReadOnlyList<NodeInput> Readers)>().ToArray();
            foreach (var (cast, product, rounding, readers) in tables)
            {
                foreach (var reader in readers)
                {
                    Rewrite(graph, cast, product, rounding, reader.Node);
                }
            }

            if (tables.Length > 0)
            {
                graph.RemoveUnused();
                graph.Commit();
            }
        }
    }

    private static (NodeProto, NodeProto, NodeProto?, IReadOnlyList<NodeInput>)? Table(NodeProto product, OnnxGraph graph)
    {
        if (!product.IsStandard("Mul") || graph.Producer(product.InputOrEmpty(0)) is not { } cast || !cast.IsStandard("Cast")
            || graph.Constant(cast.Input[0]) is not { } bytes || bytes.ElementType() != TensorProto.Types.DataType.Int8 || graph.Constant(product.InputOrEmpty(1)) is not { } scale)
        {
            return null;
        }

        var rounding = graph.Consumers(product.Output[0]) is [{ Index: 0, Node: var next }] && next.IsStandard("Cast") ? next : null;
        var restored = (rounding ?? product).Output[0];
        var readers = graph.Consumers(restored);
        return readers.Count > 0 && !graph.IsGraphOutput(product.Output[0]) && !graph.IsGraphOutput(restored) && readers.All(reader => IsLookup(reader, bytes, scale)) ? (cast, product, rounding, readers) : null;
    }

    // Leading dimensions of the scales are left out: their first one is that of the entries.
    private static bool IsLookup(NodeInput reader, TensorProto bytes, TensorProto scale)
    {
        var rank = bytes.Dims.Count;
        var axis = (int)reader.Node.Int64("axis", 0);
        axis = axis < 0 ? axis + rank : axis;
        return reader.Index == 0 && reader.Node.IsStandard("Gather") && axis >= 0 && axis < rank && scale.Dims.Count == rank - axis && scale.Dims[0] == bytes.Dims[axis] && scale.Dims.Skip(1).All(dimension => dimension == 1);
    }

    private static void Rewrite(OnnxGraph graph, NodeProto cast, NodeProto product, NodeProto? rounding, NodeProto gather)
    {
        var (indices, output, stem) = (gather.Input[1], gather.Output[0], ValueNames.Stem(gather.Output[0]));
        string Added(NodeProto node, string suffix)
        {
            node.Output.Add(graph.UniqueName(stem + suffix));
            graph.Add(node);
            return node.Output[0];
        }

        var entries = new NodeProto { OpType = "Gather", Name = gather.Name, Input = { cast.Input[0], indices } };
        entries.Attribute.AddRange(gather.Attribute);
        graph.Remove(gather);
        var scales = new NodeProto { OpType = "Gather", Input = { product.Input[1], indices } };
        var restored = new NodeProto { OpType = "Cast", Input = { Added(entries, "_q") } };
        restored.Attribute.AddRange(cast.Attribute);
        var last = NewNode.Of("Mul", [Added(restored, "_c"), Added(scales, "_s")], rounding is null ? output : graph.UniqueName(stem + "_f"));
        graph.Add(last);
        if (rounding is not null)
        {
            var rounded = NewNode.Of("Cast", [last.Output[0]], output);
            rounded.Attribute.AddRange(rounding.Attribute);
            graph.Add(rounded);
        }
    }
}
