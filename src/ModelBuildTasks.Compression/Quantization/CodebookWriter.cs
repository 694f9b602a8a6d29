using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>
/// Weights as a codebook and indices, and the layer in float: Gather(codebook, Cast(indices)). ONNX Runtime folds it into a constant when it loads the model, so that the layer runs exactly as it did. Where a byte has several
/// indices, it is looked up in a table of all bytes, which any operator set can do and folds too: integers of 4 bits exist from 21 on only.
/// </summary>
/// <param name="graph">The graph.</param>
/// <param name="rounder">Rounds weights.</param>
/// <param name="sharing">Chooses the values that weights share; null where nothing is stored so.</param>
internal sealed class CodebookWriter(OnnxGraph graph, IWeightRounder rounder, IValueSharing? sharing)
{
    private readonly SharedConstants constants = new(graph);
    private readonly Dictionary<string, (CodebookWeight Weight, LayerChange Change)> written = [];
    private readonly HashSet<IndexPacking> tables = [];

    /// <summary>What became of a weight that was written.</summary>
    public CodebookWeight Stored(string weight) => written[weight].Weight;

    /// <summary>Stores a weight for all its readers; null, and nothing changed, where that would not make the file smaller.</summary>
    public LayerChange? Write(LayerWeight weight)
    {
        if (written.TryGetValue(weight.Name, out var known))
        {
            return known.Change;
        }

        var chooser = sharing ?? throw new InvalidOperationException("Nothing chooses the values that weights share.");
        var (stem, count) = (ValueNames.Stem(weight.Name), weight.Tensor.ElementCount());
        var packing = IndexPacking.Of((int)Math.Min(chooser.Values, count), count);
        var groups = chooser.Channels is { } channels ? (weight.Axis.Channels + channels - 1) / channels : 1;
        // Decided before the work, as if every group had all its values.
        var nodes = Nodes(new(weight, packing.PerByte > 1, groups > 1), new(stem, stem, stem, stem, stem), stem, suffix => stem + suffix).Sum(node => node.CalculateSize() + 2);
        var tensors = (3 * (stem.Length + 12)) + (8L * weight.Tensor.Dims.Count * (packing.PerByte > 1 ? 3 : 1)) + (groups > 1 ? 4L * weight.Axis.Channels : 0) + (packing.PerByte > 1 && !tables.Contains(packing) ? 256 * packing.PerByte : 0);
        if ((count / packing.PerByte) + (4L * groups * Math.Min(chooser.Values, count)) + nodes + tensors >= weight.Tensor.SizeInBytes())
        {
            return null;
        }

        var stored = rounder.ToCodebook(new CodebookGrid(weight, chooser), graph.NewPayload);
        var change = new LayerChange(stored.Indices.Size() + (4L * stored.Values.Length) + (stored.Groups > 1 ? 4L * weight.Axis.Channels : 0), stored.Signal, stored.Noise);
        Restore(weight, stem, stored);
        written[weight.Name] = (stored, change);
        return change;
    }

    private void Restore(LayerWeight weight, string stem, CodebookWeight stored)
    {
        var isPacked = stored.Packing.PerByte > 1;
        tables.Add(stored.Packing);
        long[] dims = [.. weight.Tensor.Dims];
        // A table of all bytes has indices that no weight has.
        float[] values = isPacked && stored.Groups == 1 ? [.. stored.Values, .. Enumerable.Repeat(stored.Values[^1], (1 << stored.Packing.Bits) - stored.Count)] : stored.Values;
        var parts = new Parts(
            Indices: graph.AddInitializer(TensorValues.Create(stem + "_q", DataType.Uint8, stored.Indices, isPacked ? [stored.Indices.Size()] : dims)),
            Codebook: graph.AddInitializer(TensorValues.Create(stem + "_k", values, values.Length)),
            Table: isPacked ? constants.Add(TensorValues.Create("bits", stored.Packing.Table(), 256, stored.Packing.PerByte)) : "",
            Shape: isPacked ? constants.Add(TensorValues.Create(stem + "_n", dims, dims.Length)) : "",
            Offsets: stored.Groups > 1 ? constants.Add(TensorValues.Create(stem + "_o", Offsets(weight, stored), weight.ScaleDims)) : "");
        var value = graph.UniqueName(stem + "_d");
        graph.ReplaceUses(weight.Name, value);
        foreach (var node in Nodes(new(weight, isPacked, stored.Groups > 1), parts, value, suffix => graph.UniqueName(stem + suffix)))
        {
            graph.Add(node);
        }
    }

    private static int[] Offsets(LayerWeight weight, CodebookWeight stored) => [.. Enumerable.Range(0, weight.Axis.Channels).Select(channel => channel / stored.GroupChannels * stored.Count)];

    private static List<NodeProto> Nodes(Form form, Parts parts, string value, Func<string, string> newName)
    {
        var nodes = new List<NodeProto>();
        var indices = parts.Indices;
        string Add(string operation, ReadOnlySpan<string> inputs, string suffix)
        {
            var name = newName(suffix);
            nodes.Add(NewNode.Of(operation, inputs, name));
            return name;
        }

        string Cast(string input, DataType type, string suffix)
        {
            var result = Add("Cast", [input], suffix);
            nodes[^1].With("to", (long)type);
            return result;
        }

        // One codebook: the values of all indices in a byte are looked up at once, which is the least to do for each weight.
        var codebook = form is { IsPacked: true, HasGroups: false } ? Add("Gather", [parts.Codebook, Cast(parts.Table, DataType.Int32, "_t")], "_v") : parts.Codebook;
        if (form is { IsPacked: true, HasGroups: true })
        {
            indices = Add("Reshape", [Add("Gather", [parts.Table, Cast(indices, DataType.Int32, "_p")], "_u"), parts.Shape], "_r");
        }

        indices = Cast(indices, DataType.Int32, "_i");
        indices = form.HasGroups ? Add("Add", [indices, parts.Offsets], "_g") : indices;
        var type = form.Weight.Tensor.ElementType();
        var restored = Add("Gather", [codebook, indices], "_f");
        restored = form is { IsPacked: true, HasGroups: false } ? Add("Reshape", [restored, parts.Shape], "_r") : restored;
        if (type != DataType.Float)
        {
            Cast(restored, type, "_c");
        }

        nodes[^1].Output[0] = value;
        return nodes;
    }

    /// <summary>What decides which nodes restore a weight.</summary>
    private readonly record struct Form(LayerWeight Weight, bool IsPacked, bool HasGroups);

    /// <summary>The constants that a weight is restored from; empty names for those that it does without.</summary>
    private readonly record struct Parts(string Indices, string Codebook, string Table, string Shape, string Offsets);
}
