using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Onnx.OperatorSets;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>
/// When quantization raises a model from operator set 1 to 11 to operator set 12. Later versions change operators whose meaning
/// depends on shapes (Softmax), so that a per-channel DequantizeLinear is had from the runtime's own operators instead.
/// </summary>
internal static class OperatorSetUpgrade
{
    /// <summary>Raises the model where its layers or a MaxPool behind them gain from it and every operator can follow; otherwise changes nothing.</summary>
    public static void RaiseForActivations(OnnxModel model, OnnxGraph graph)
    {
        var nodes = graph.Nodes;
        bool Has(string operation) => nodes.Any(node => node.IsStandard(operation));
        var needed = Has("Conv") && (model.Opset < LayerRules.FirstOpsetOfIntegerConvolutions || Has("MaxPool"))
            || model.Opset < GemmForms.FirstOpsetWithoutBias && (Has("Gemm") || Has("MatMul"));
        if (!needed || !OperatorSetRaise.To(model, graph, OperatorSetRaise.Twelve))
        {
            RaiseForWeights(model, graph);
        }
    }

    /// <summary>Raises the model where its operator set has no product of a weight and its scales, and every operator can follow; otherwise changes nothing.</summary>
    public static void RaiseForWeights(OnnxModel model, OnnxGraph graph)
    {
        if (model.Opset is > 0 and < OldOperators.Target && graph.WithInner().Any(each => each.Nodes.Any(node => node.IsLayer(each))))
        {
            OperatorSetRaise.To(model, graph, OperatorSetRaise.Twelve);
        }
    }

    /// <summary>Raises the model where every operator can follow, whatever it gains; otherwise changes nothing.</summary>
    public static void RaiseForIntegers(OnnxModel model, OnnxGraph graph)
    {
        OperatorSetRaise.To(model, graph, OperatorSetRaise.Twelve);
    }
}
