using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Simplification;

/// <summary>A value that is scale · source + shift, with one number for all elements.</summary>
internal sealed record ScalarAffine(string Source, double Scale, double Shift)
{
    /// <summary>Follows a value back through sums and products with numbers whose results nothing else reads.</summary>
    public static ScalarAffine Before(string value, OnnxGraph graph)
    {
        var affine = new ScalarAffine(value, 1, 0);
        while (graph.PrivateProducer(affine.Source) is { } node && ScalarOperand.Of(node, graph) is { } operand)
        {
            double number = operand.Number;
            (double Scale, double Shift)? step = node.OpType switch
            {
                "Mul" => (number, 0),
                "Add" => (1, number),
                "Div" when operand.IsSecond => (1 / number, 0),
                "Sub" when operand.IsSecond => (1, -number),
                "Sub" => (-1, number),
                _ => null,
            };
            if (step is not var (scale, shift))
            {
                break;
            }

            affine = new(operand.Value, affine.Scale * scale, (affine.Scale * shift) + affine.Shift);
        }

        return affine;
    }
}
