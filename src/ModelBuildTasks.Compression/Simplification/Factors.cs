using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Simplification;

/// <summary>A product of values and numbers, taken apart: number · values[0] · values[1] …, in whichever order it was multiplied.</summary>
internal sealed record Factors(double Number, IReadOnlyList<string> Values)
{
    /// <summary>More are no activation.</summary>
    private const int Most = 3;

    /// <summary>Takes a Mul or a Div apart, and with it every one inside whose result nothing else reads; null where a node is neither, or has too many factors.</summary>
    public static Factors? Of(NodeProto node, OnnxGraph graph)
    {
        if (!IsProduct(node, graph))
        {
            return null;
        }

        double number = 1;
        var values = new List<string>();
        var waiting = new Stack<NodeProto>([node]);
        while (waiting.TryPop(out var product))
        {
            if (ScalarOperand.Of(product, graph) is { } operand)
            {
                number = product.OpType == "Div" ? number / operand.Number : number * operand.Number;
                Take(operand.Value);
            }
            else
            {
                Take(product.Input[0]);
                Take(product.Input[1]);
            }

            if (values.Count + waiting.Count > Most)
            {
                return null;
            }
        }

        return new(number, values);

        void Take(string value)
        {
            if (graph.PrivateProducer(value) is { } inner && IsProduct(inner, graph))
            {
                waiting.Push(inner);
            }
            else
            {
                values.Add(value);
            }
        }
    }

    private static bool IsProduct(NodeProto node, OnnxGraph graph) =>
        node.IsStandard("Mul") && node.Input.Count == 2 || node.IsStandard("Div") && ScalarOperand.Of(node, graph) is { IsSecond: true };
}
