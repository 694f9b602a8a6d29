using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Quantization.IntegerOnly;

/// <summary>
/// Operators whose result depends on one number alone (docs/Operators.md of ONNX). On bytes such an operator is a table of 256 entries, whatever it computes. In double precision, so that an entry does not
/// depend on the processor: what libraries disagree about is far below half a level.
/// </summary>
internal static class ElementFunctions
{
    /// <summary>Which input of a node is the number and what the node makes of it; null where it is no such operator.</summary>
    public static (int Input, Func<double, double> Function)? Of(NodeProto node, OnnxGraph graph) =>
        !node.IsStandard() || node.Output.Count != 1 ? null
        : Unary(node) is { } unary ? (0, unary)
        : Absorption.Bounds(node, graph) is { } bounds ? bounds.Minimum <= bounds.Maximum ? (0, x => Math.Clamp(x, bounds.Minimum, bounds.Maximum)) : null
        : node.Input.Count == 2 && Number(node.Input[1], graph) is { } right && WithRight(node.OpType, right) is { } first ? (0, first)
        : node.Input.Count == 2 && Number(node.Input[0], graph) is { } left && WithLeft(node.OpType, left) is { } second ? (1, second)
        : null;

    private static Func<double, double>? Unary(NodeProto node)
    {
        double Attribute(string name, float otherwise) => node.Single(name, otherwise);
        var (alpha, beta, gamma) = (Attribute("alpha", 1), Attribute("beta", 0.5f), Attribute("gamma", 1.0507009873554805f));
        return node.OpType switch
        {
            "Abs" => Math.Abs,
            "Ceil" => Math.Ceiling,
            "Celu" => x => Math.Max(0, x) + Math.Min(0, alpha * (Math.Exp(x / alpha) - 1)),
            "Cos" => Math.Cos,
            "Elu" => x => x < 0 ? alpha * (Math.Exp(x) - 1) : x,
            "Erf" => ErrorFunction.Of,
            "Exp" => Math.Exp,
            "Floor" => Math.Floor,
            "Gelu" when node.Text("approximate", "none") == "none" => x => 0.5 * x * (1 + ErrorFunction.Of(x / Math.Sqrt(2))),
            "Gelu" => x => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x)))),
            "HardSigmoid" => HardSigmoid(Attribute("alpha", 0.2f), beta),
            "HardSwish" => HardSigmoid(1.0 / 6, 0.5) is var gate ? x => x * gate(x) : null,
            "Log" => Math.Log,
            "Mish" => x => x * Math.Tanh(Softplus(x)),
            "Neg" => x => -x,
            "Reciprocal" => x => 1 / x,
            "Round" => x => Math.Round(x, MidpointRounding.ToEven),
            "Selu" => Attribute("alpha", 1.6732632423543772f) is var slope ? x => gamma * (x > 0 ? x : slope * (Math.Exp(x) - 1)) : null,
            "Sign" => x => Math.Sign(x),
            "Sin" => Math.Sin,
            "Softplus" => Softplus,
            "Softsign" => x => x / (1 + Math.Abs(x)),
            "Sqrt" => Math.Sqrt,
            "Tanh" => Math.Tanh,
            "ThresholdedRelu" => x => x > alpha ? x : 0,
            _ => null,
        };
    }

    private static Func<double, double>? WithRight(string operation, double number) => operation switch
    {
        "Max" => x => Math.Max(x, number),
        "Min" => x => Math.Min(x, number),
        "Pow" => x => Math.Pow(x, number),
        "PRelu" => x => x < 0 ? number * x : x,
        _ => null,
    };

    private static Func<double, double>? WithLeft(string operation, double number) => operation switch
    {
        "Div" => x => number / x,
        "Max" or "Min" => WithRight(operation, number),
        "Pow" => x => Math.Pow(number, x),
        "Sub" => x => number - x,
        _ => null,
    };

    // A constant of one element that adds no dimension.
    private static double? Number(string name, OnnxGraph graph) =>
        graph.Constant(name) is { Dims.Count: <= 1 } constant && constant.ElementCount() == 1 && constant.ElementType() == DataType.Float ? constant.Singles()[0] : null;

    private static Func<double, double> HardSigmoid(double slope, double offset) => x => Math.Clamp((slope * x) + offset, 0, 1);

    private static double Softplus(double x) => Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x)));
}
