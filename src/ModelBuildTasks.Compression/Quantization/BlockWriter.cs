using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Corrections;
using ModelBuildTasks.Compression.Quantization.Weights;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>Stores weights of a graph with four bits, each once for all its readers, which take it in the form that is fastest for each: an operator of the runtime's own, or the weight restored when the model is loaded.</summary>
/// <param name="graph">The graph that defines the weights.</param>
/// <param name="model">Its model.</param>
/// <param name="options">How blocks are stored.</param>
/// <param name="rounder">Rounds weights.</param>
/// <param name="biases">Corrects the biases of the layers that read them.</param>
internal sealed class BlockWriter(OnnxGraph graph, OnnxModel model, BlockOptions options, IWeightRounder rounder, BiasCorrector biases)
{
    private readonly RestoredBlocks restored = new(graph, model.Opset);
    private readonly BlockProducts products = new(graph, model);
    private readonly BlockLookups lookups = new(graph, model);
    private readonly Dictionary<NodeProto, long> corrections = new(ReferenceEqualityComparer.Instance);

    /// <summary>By how many bytes the bias of a layer became larger.</summary>
    public long CorrectionBytes(NodeProto node) => corrections.GetValueOrDefault(node);

    /// <summary>Stores a weight in the blocks of one of its layers.</summary>
    public LayerChange Write(NodeProto node, LayerWeight weight)
    {
        var layout = BlockLayout.Of(node, weight, options.Size);
        var quantized = rounder.ToBlocks(weight, BlockQuantizer.Grid(new SinglesReader(weight.Tensor), layout, options), graph.NewPayload);
        var blocks = new BlockConstants(graph, ValueNames.Stem(weight.Name), quantized);
        if (weight.Tensor.ElementType() == DataType.Float)
        {
            foreach (var reader in Readers(weight.Name))
            {
                if (Layers.Weights(reader, graph).FirstOrDefault(read => read.Name == weight.Name) is not { } read)
                {
                    continue;
                }

                // Before the layer becomes another operator, which takes over the bias or the sum.
                corrections[reader] = biases.Correct(reader, read, quantized.Restored());
                if (read.Input == Layers.WeightInputs(reader, graph)[0]
                    && BlockLayout.Of(reader, read, options.Size) == layout && !(reader.OpType == "MatMul" && read.Input == 0) && !products.TryReplace(reader, blocks))
                {
                    lookups.TryReplace(reader, weight.Tensor, blocks);
                }
            }
        }

        // What turned the weight for products that are gone is no reader any more.
        foreach (var turning in graph.Consumers(weight.Name).Where(use => use.Node.IsStandard("Transpose") && graph.Consumers(use.Node.Output[0]).Count == 0 && !graph.IsGraphOutput(use.Node.Output[0])).ToArray())
        {
            graph.Remove(turning.Node);
        }

        if (graph.Consumers(weight.Name).Count > 0)
        {
            graph.ReplaceUses(weight.Name, restored.Add(blocks, weight.Tensor));
        }

        return new LayerChange(quantized.Bytes, quantized.Signal, quantized.Noise);
    }

    /// <summary>The layers of this graph that read a weight, as it is or turned.</summary>
    private NodeProto[] Readers(string name) =>
        [.. graph.Consumers(name).SelectMany(use => use.Index < 0 ? [] : use.Node.IsStandard("Transpose") ? graph.Consumers(use.Node.Output[0]).Where(turned => turned.Index >= 0) : [use])
            .Select(use => use.Node).Where(node => node.IsLayer(graph)).Distinct<NodeProto>(ReferenceEqualityComparer.Instance)];
}
