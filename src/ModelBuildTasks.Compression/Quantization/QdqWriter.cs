using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization.Corrections;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>Writes a plan into its graph: QuantizeLinear and DequantizeLinear around what computes on bytes, weights and biases as integers behind a DequantizeLinear.</summary>
/// <param name="graph">The graph, not edited since the plan was made.</param>
/// <param name="plan">The plan.</param>
/// <param name="nodes">Makes the nodes.</param>
/// <param name="activations">How activations are stored: as signed bytes where it is <see cref="NumericFormat.Int8"/>, else as unsigned ones.</param>
/// <param name="limits">Bounds pairs of weights; null where weights use the whole range of bytes.</param>
/// <param name="biases">Corrects the biases of layers, made before anything is written.</param>
/// <param name="corrections">Which corrections are made.</param>
/// <param name="rounder">Rounds weights.</param>
internal sealed class QdqWriter(
    OnnxGraph graph, QuantizationPlan plan, QuantizeNodes nodes, NumericFormat activations, PairLimits? limits, BiasCorrector biases, CorrectionSwitches corrections, IWeightRounder rounder)
{
    private readonly NodeProto[] int8Layers = [.. plan.Layers.Where(layer => layer.Format == LayerFormat.Int8).Select(layer => layer.Node)];
    private readonly SharedConstants constants = new(graph);

    /// <summary>Edits the graph and tells what became of the constants of layers on bytes.</summary>
    public QdqWeights Write(CancellationToken cancellationToken)
    {
        var connectors = plan.Connectors.ToHashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        var weights = new QdqWeights(graph, plan.Activations.ToDictionary(activation => activation.Value, activation => activation.Parameters), nodes, constants, limits, biases, corrections, rounder);
        weights.Write(int8Layers, cancellationToken);
        foreach (var node in int8Layers.Where(node => node.OpType is "Gemm" or "MatMul" && !plan.Absorbed.ContainsKey(node)))
        {
            if (FloatClips.Behind(node.Output[0], graph) is { } clip && !connectors.Contains(clip))
            {
                FloatClips.Rewrite(clip, graph);
            }
        }

        new QdqActivations(graph, plan, int8Layers.ToHashSet<NodeProto>(ReferenceEqualityComparer.Instance), connectors, nodes, constants, activations).Write();
        return weights;
    }
}
