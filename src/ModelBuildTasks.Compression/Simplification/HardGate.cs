using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Simplification;

/// <summary>A value that is factor · clip(alpha · x + beta, 0, 1), the function HardSigmoid up to the factor, however it is written.</summary>
/// <param name="Source">x.</param>
/// <param name="Factor">What the clipped number is multiplied with.</param>
/// <param name="Alpha">What x is multiplied with.</param>
/// <param name="Beta">What is added.</param>
internal sealed record HardGate(string Source, double Factor, double Alpha, double Beta)
{
    private const double Tolerance = 1e-6;

    /// <summary>Whether it is clip(x + 3, 0, 6) up to a factor, what HardSwish (docs/Operators.md of ONNX) multiplies x with.</summary>
    public bool IsOfHardSwish => Math.Abs((Alpha * 6) - 1) < Tolerance && Math.Abs((Beta * 2) - 1) < Tolerance;

    /// <summary>Whether a factor is 1, up to the rounding of the constants that it is made of.</summary>
    public static bool IsOne(double factor) => Math.Abs(factor - 1) < Tolerance;

    /// <summary>Reads a node as such a gate; null where it is none, or where a value inside it is read elsewhere.</summary>
    /// <param name="node">A HardSigmoid, a Clip, or the outer one of a Min and a Max.</param>
    /// <param name="graph">Its graph.</param>
    public static HardGate? Of(NodeProto node, OnnxGraph graph)
    {
        if (!node.IsStandard() || node.Input.Count == 0)
        {
            return null;
        }

        if (node.OpType == "HardSigmoid")
        {
            return new(node.Input[0], 1, node.Single("alpha", 0.2f), node.Single("beta", 0.5f));
        }

        return ClippedRange.Of(node, graph) is { Least: 0, Most: > 0 } range && range.Most < float.PositiveInfinity
            && ScalarAffine.Before(range.Source, graph) is { Scale: not 0 } affine
            ? new(affine.Source, range.Most, affine.Scale / range.Most, affine.Shift / range.Most)
            : null;
    }
}
