using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>
/// Weights of four bits for layers that compute with floats: a table tells the two levels of each byte, and a product with the scales restores the weight. ONNX Runtime folds all of it into a constant when it
/// loads the model, at any operator set and every optimization level but "disabled".
/// </summary>
/// <param name="graph">Where the weights are.</param>
/// <param name="opset">The version of the default operator set.</param>
internal sealed class RestoredBlocks(OnnxGraph graph, int opset)
{
    /// <summary>The first version whose Slice takes its limits as inputs.</summary>
    private const int FirstOpsetOfSliceInputs = 10;

    private readonly SharedConstants shapes = new(graph);
    private string? table;

    /// <summary>Adds what restores a weight.</summary>
    /// <param name="blocks">Its levels and scales.</param>
    /// <param name="weight">The weight.</param>
    /// <returns>The restored value, of the weight's type and shape.</returns>
    public string Add(BlockConstants blocks, TensorProto weight)
    {
        var layout = blocks.Layout;
        var levels = Levels(blocks, blocks.Values(layout.Rows, layout.BlocksPerRow, layout.Size / 2));
        if (blocks.HasZeroPoints)
        {
            levels = Then("Sub", blocks, "_o", levels, ZeroPoints(blocks));
        }

        var value = Then("Mul", blocks, "_m", levels, blocks.Scales(layout.Rows, layout.BlocksPerRow, 1, 1));
        if (layout.PaddedDepth != layout.Depth)
        {
            value = Cut(blocks, Shaped(blocks, value, layout.Rows, layout.PaddedDepth), layout.Depth);
        }

        if (layout.Inner > 1)
        {
            var turned = graph.UniqueName(blocks.Stem + "_t");
            graph.Add(NewNode.Of("Transpose", [Shaped(blocks, value, layout.Outer, layout.Inner, layout.Depth)], turned).With("perm", [0, 2, 1]));
            value = turned;
        }

        value = Shaped(blocks, value, [.. weight.Dims]);
        return weight.ElementType() == DataType.Float ? value : Cast(blocks, value, weight.ElementType());
    }

    /// <summary>The two levels of each byte, less 8, in a dimension more.</summary>
    private string Levels(BlockConstants blocks, string bytes) => Then("Gather", blocks, "_l", Table(), Cast(blocks, bytes, DataType.Int32));

    private string ZeroPoints(BlockConstants blocks)
    {
        var (rows, perRow) = (blocks.Layout.Rows, blocks.Layout.BlocksPerRow);
        var pairs = (perRow + 1) / 2;
        var levels = Shaped(blocks, Levels(blocks, blocks.ZeroPoints(rows, pairs)), rows, 2 * pairs);
        return Shaped(blocks, perRow % 2 == 0 ? levels : Cut(blocks, levels, perRow), rows, perRow, 1, 1);
    }

    /// <summary>The first columns of a matrix.</summary>
    private string Cut(BlockConstants blocks, string value, int columns)
    {
        var cut = graph.UniqueName(blocks.Stem + "_k");
        if (opset >= FirstOpsetOfSliceInputs)
        {
            graph.Add(NewNode.Of("Slice", [value, Whole(0), Whole(columns), Whole(1)], cut));
        }
        else
        {
            graph.Add(NewNode.Of("Slice", [value], cut).With("axes", [1]).With("starts", [0]).With("ends", [columns]));
        }

        return cut;
    }

    private string Whole(long value) => shapes.Add(TensorValues.Create("n", [value], 1));

    private string Shaped(BlockConstants blocks, string value, params long[] dims) => Then("Reshape", blocks, "_r", value, shapes.Add(TensorValues.Create("dims", dims, dims.Length)));

    private string Cast(BlockConstants blocks, string value, DataType type)
    {
        var result = graph.UniqueName(blocks.Stem + "_c");
        graph.Add(NewNode.Of("Cast", [value], result).With("to", (long)type));
        return result;
    }

    private string Then(string operation, BlockConstants blocks, string suffix, string left, string right)
    {
        var result = graph.UniqueName(blocks.Stem + suffix);
        graph.Add(NewNode.Of(operation, [left, right], result));
        return result;
    }

    /// <summary>[256, 2]: what the low and the high half of each byte stand for.</summary>
    private string Table()
    {
        if (table is null)
        {
            var levels = new sbyte[512];
            for (var value = 0; value < 256; value++)
            {
                levels[2 * value] = (sbyte)((value & 15) - BlockScales.SymmetricZero);
                levels[(2 * value) + 1] = (sbyte)((value >> 4) - BlockScales.SymmetricZero);
            }

            table = graph.UniqueName("levels");
            graph.Add(NewNode.Of("Cast", [graph.AddInitializer(TensorValues.Create("nibbles", levels, 256, 2))], table).With("to", (long)DataType.Float));
        }

        return table;
    }
}
