using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>Tables of which entries are looked up, with four bits, as ONNX Runtime's own operator (com.microsoft GatherBlockQuantized, docs/ContribOperators.md): only what is asked for is restored, and the table stays small in memory too.</summary>
/// <param name="graph">Where the lookups are.</param>
/// <param name="model">Its model, which imports the operator.</param>
internal sealed class BlockLookups(OnnxGraph graph, OnnxModel model)
{
    /// <summary>Replaces a lookup by the operator; false, and nothing changed, where the table is restored as a whole.</summary>
    /// <param name="node">A layer.</param>
    /// <param name="table">The table.</param>
    /// <param name="blocks">The table in blocks.</param>
    public bool TryReplace(NodeProto node, TensorProto table, BlockConstants blocks)
    {
        var layout = blocks.Layout;
        // What fills up a last block would be looked up too.
        if (!node.IsStandard("Gather") || node.Int64("axis", 0) is not (0 or -2) || table.Dims.Count != 2 || layout.Inner != 1 || layout.Depth != layout.PaddedDepth)
        {
            return false;
        }

        graph.Remove(node);
        string[] inputs = [blocks.Values(layout.Rows, layout.Depth / 2), node.Input[1], blocks.Scales(layout.Rows, layout.BlocksPerRow)];
        if (blocks.HasZeroPoints)
        {
            inputs = [.. inputs, blocks.ZeroPoints(layout.Rows, (layout.BlocksPerRow + 1) / 2)];
        }

        graph.Add(NewNode.Of("GatherBlockQuantized", inputs, node.Output[0], node.Name, QuantizeNodes.RuntimeDomain).With("bits", 4L).With("block_size", (long)layout.Size).With("gather_axis", 0L).With("quantize_axis", 1L));
        model.ImportOperatorSet(QuantizeNodes.RuntimeDomain, 1);
        return true;
    }
}
