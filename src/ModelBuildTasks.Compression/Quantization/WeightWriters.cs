using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Corrections;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>Stores the weights that a graph defines, each once for all its readers, with eight bits or four.</summary>
/// <param name="model">The model.</param>
/// <param name="graph">The graph.</param>
/// <param name="options">How weights of four bits are stored.</param>
/// <param name="searchesScales">Whether the scales of bytes are those with the least error.</param>
/// <param name="rounder">Rounds weights.</param>
/// <param name="biases">Corrects the biases of the layers whose weights are stored.</param>
internal sealed class WeightWriters(OnnxModel model, OnnxGraph graph, BlockOptions options, bool searchesScales, IWeightRounder rounder, BiasCorrector biases)
{
    private readonly Dictionary<string, WrittenWeight> written = [];
    private readonly BlockWriter blocks = new(graph, model, options, rounder, biases);

    /// <summary>The writer of bytes.</summary>
    public WeightOnlyWriter Bytes { get; } = new(graph, searchesScales, rounder);

    /// <summary>Stores a weight and corrects the layer's bias; null, and nothing changed, where that would not make the file smaller. A weight that another layer had stored already stays as it is.</summary>
    /// <param name="node">A layer that reads it.</param>
    /// <param name="weight">The weight.</param>
    /// <param name="format">What the layer is to be.</param>
    public WrittenWeight? Write(NodeProto node, LayerWeight weight, LayerFormat format)
    {
        if (Store(node, weight, format) is not { } stored)
        {
            return null;
        }

        // With blocks, the layer may be another operator now.
        var added = stored.IsInBlocks ? blocks.CorrectionBytes(node) : biases.Correct(node, weight, Bytes.Stored(weight.Name).Restored());
        return stored with { Change = stored.Change with { Bytes = stored.Change.Bytes + added } };
    }

    private WrittenWeight? Store(NodeProto node, LayerWeight weight, LayerFormat format)
    {
        if (written.TryGetValue(weight.Name, out var earlier))
        {
            return earlier;
        }

        if (Bytes.Restored(weight.Name) is { } restored)
        {
            return written[weight.Name] = new WrittenWeight(restored, false, format == LayerFormat.Int4Weights ? $"it shares its weight '{weight.Name}' with a layer on bytes" : null);
        }

        var wantsBlocks = format == LayerFormat.Int4Weights;
        var whyBytes = wantsBlocks ? BlockRules.WhyBytes(weight, BlockLayout.Of(node, weight, options.Size)) : null;
        if (wantsBlocks && whyBytes is null)
        {
            return written[weight.Name] = new WrittenWeight(blocks.Write(node, weight), true, null);
        }

        return Bytes.Write(weight) is { } change ? written[weight.Name] = new WrittenWeight(change, false, whyBytes) : null;
    }
}
