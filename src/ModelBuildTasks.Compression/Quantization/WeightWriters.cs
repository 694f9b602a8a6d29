using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Corrections;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>Stores the weights that a graph defines, each once for all its readers, with eight bits or four or as indices of a codebook.</summary>
/// <param name="model">The model.</param>
/// <param name="graph">The graph.</param>
/// <param name="assignment">How weights of four bits are stored, and what chooses the values of codebooks.</param>
/// <param name="searchesScales">Whether the scales of bytes are those with the least error.</param>
/// <param name="rounder">Rounds weights.</param>
/// <param name="biases">Corrects the biases of the layers whose weights are stored.</param>
internal sealed class WeightWriters(OnnxModel model, OnnxGraph graph, FormatAssignment assignment, bool searchesScales, IWeightRounder rounder, BiasCorrector biases)
{
    private readonly Dictionary<string, WrittenWeight> written = [];
    private readonly BlockWriter blocks = new(graph, model, assignment.Blocks, rounder, biases);
    private readonly CodebookWriter codebooks = new(graph, rounder, assignment.Sharing);

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
        var added = stored.Format switch
        {
            LayerFormat.Int4Weights => blocks.CorrectionBytes(node),
            LayerFormat.Shared => biases.Correct(node, weight, codebooks.Stored(weight.Name).Restored(weight.Axis)),
            _ => biases.Correct(node, weight, Bytes.Stored(weight.Name).Restored()),
        };
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
            return written[weight.Name] = new WrittenWeight(restored, LayerFormat.Int8Weights, format == LayerFormat.Int4Weights ? $"it shares its weight '{weight.Name}' with a layer on bytes" : null);
        }

        if (format == LayerFormat.Shared)
        {
            return codebooks.Write(weight) is { } shared ? written[weight.Name] = new WrittenWeight(shared, format, null) : null;
        }

        var wantsBlocks = format == LayerFormat.Int4Weights;
        var whyBytes = wantsBlocks ? BlockRules.WhyBytes(weight, BlockLayout.Of(node, weight, assignment.Blocks.Size)) : null;
        if (wantsBlocks && whyBytes is null)
        {
            return written[weight.Name] = new WrittenWeight(blocks.Write(node, weight), format, null);
        }

        return Bytes.Write(weight) is { } change ? written[weight.Name] = new WrittenWeight(change, LayerFormat.Int8Weights, whyBytes) : null;
    }
}
