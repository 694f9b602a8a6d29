using Google.Protobuf;
using ModelBuildTasks.Compression.Kernels;
using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>
/// What the runtime's own operators on bytes and levels read, computed from constants, as constants: scales widened, bytes turned, shapes changed. The runtime folds all of it when it loads a model; for files that it
/// does not optimize any more it is done here, since these operators pack constants only and are many times slower with others.
/// </summary>
internal static class FoldedOperands
{
    private static readonly HashSet<string> Operators = ["DynamicQuantizeLSTM", "DynamicQuantizeMatMul", "GatherBlockQuantized", "MatMulNBits"];

    /// <summary>Replaces the computed operands; the file grows by half of the scales.</summary>
    public static void Apply(OnnxModel model)
    {
        foreach (var graph in model.EditGraph().WithInner().Reverse())
        {
            var folded = new Dictionary<string, string>();
            foreach (var node in graph.Nodes.Where(node => node.Domain == QuantizeNodes.RuntimeDomain && Operators.Contains(node.OpType)))
            {
                for (var input = 1; input < node.Input.Count; input++)
                {
                    var name = node.Input[input];
                    if (folded.TryGetValue(name, out var known))
                    {
                        graph.SetInput(node, input, known);
                    }
                    else if (graph.Producer(name) is not null && Value(graph, name) is { } tensor)
                    {
                        tensor.Name = ValueNames.Stem(name) + "_f";
                        folded.Add(name, graph.AddInitializer(tensor));
                        graph.SetInput(node, input, folded[name]);
                    }
                }
            }

            if (folded.Count > 0)
            {
                graph.RemoveUnused();
                graph.Commit();
            }
        }
    }

    private static TensorProto? Value(OnnxGraph graph, string name)
    {
        if (graph.Constant(name) is { } constant)
        {
            return constant;
        }

        return graph.Producer(name) is { } node && Value(graph, node.InputOrEmpty(0)) is { } operand
            ? node.OpType switch
            {
                "Cast" when operand.ElementType() == DataType.Float16 && node.Int64("to", 0) == (long)DataType.Float => Widened(operand),
                "Reshape" when graph.Constant(node.InputOrEmpty(1)) is { } dims => TensorValues.Create(name, operand.ElementType(), operand.RawData, dims.Int64s()),
                "Transpose" when operand.ElementType() == DataType.Int8 => Turned(operand),
                _ => null,
            }
            : null;
    }

    private static TensorProto Widened(TensorProto halves)
    {
        var values = new float[halves.ElementCount()];
        FloatConversion.ToSingles(DataType.Float16, halves.Bytes(), values);
        return TensorValues.Create(halves.Name, values, [.. halves.Dims]);
    }

    /// <summary>The last two dimensions swapped, as <see cref="DynamicWriter"/> has them.</summary>
    private static TensorProto Turned(TensorProto bytes)
    {
        var (rows, columns) = ((int)bytes.Dims[^2], (int)bytes.Dims[^1]);
        var values = bytes.Bytes();
        var turned = new byte[values.Length];
        for (var start = 0; start < turned.Length; start += rows * columns)
        {
            Transposition.Of(values.Slice(start, rows * columns), rows, columns, turned.AsSpan(start, rows * columns));
        }

        return TensorValues.Create(bytes.Name, DataType.Int8, UnsafeByteOperations.UnsafeWrap(turned), [.. bytes.Dims.SkipLast(2), columns, rows]);
    }
}
