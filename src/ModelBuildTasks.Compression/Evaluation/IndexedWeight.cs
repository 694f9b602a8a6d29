using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Evaluation;

/// <summary>A weight that a graph looks up in a codebook by constant indices.</summary>
/// <param name="Indices">Unsigned bytes, each with one index or several.</param>
/// <param name="PerByte">How many indices a byte has.</param>
/// <param name="HasZero">Whether the first value of the codebook is zero.</param>
internal readonly record struct IndexedWeight(TensorProto Indices, int PerByte, bool HasZero)
{
    /// <summary>How many weights there are.</summary>
    public long Count => Indices.ElementCount() * PerByte;

    /// <summary>The weights of a graph that are written as Gather(codebook, indices): the indices in bytes of one each, or of several, which another Gather looks up in a table of all bytes.</summary>
    public static IEnumerable<IndexedWeight> Of(GraphProto graph)
    {
        var constants = graph.Initializer.ToDictionary(tensor => tensor.Name);
        var producers = graph.Node.Where(node => node.Output.Count == 1).ToDictionary(node => node.Output[0]);
        var lookups = graph.Node.Where(node => node.OpType == "Gather").ToArray();
        var tables = lookups.Select(node => node.Input[0]).ToHashSet();
        foreach (var lookup in lookups.Where(node => !tables.Contains(node.Output[0])))
        {
            // Values that are looked up for a byte at once have a table of their own, made of the codebook.
            var ofBytes = producers.TryGetValue(lookup.Input[0], out var table) && table.OpType == "Gather" ? table : null;
            if (constants.GetValueOrDefault((ofBytes ?? lookup).Input[0]) is { Dims.Count: 1 } codebook && codebook.ElementType() == DataType.Float && Source(lookup.Input[1]) is var (indices, perByte))
            {
                yield return new(indices, ofBytes is null ? perByte : (int)(Source(ofBytes.Input[1])?.Indices.Dims[^1] ?? 1), codebook.Singles()[0] == 0);
            }
        }

        (TensorProto Indices, int PerByte)? Source(string value)
        {
            var perByte = 1;
            while (producers.TryGetValue(value, out var node) && node.OpType is "Cast" or "Add" or "Reshape" or "Gather")
            {
                perByte = node.OpType == "Gather" ? (int)(constants.GetValueOrDefault(node.Input[0])?.Dims[^1] ?? 1) : perByte;
                value = node.Input[node.OpType == "Gather" ? 1 : 0];
            }

            return constants.GetValueOrDefault(value) is { } tensor && tensor.ElementType() == DataType.Uint8 ? (tensor, perByte) : null;
        }
    }

    /// <summary>How many of the weights are zero.</summary>
    public long Zeros()
    {
        if (!HasZero)
        {
            return 0;
        }

        var ofByte = new int[256];
        var bits = 8 / PerByte;
        for (var value = 0; value < ofByte.Length; value++)
        {
            ofByte[value] = Enumerable.Range(0, PerByte).Count(place => ((value >> (place * bits)) & ((1 << bits) - 1)) == 0);
        }

        var zeros = 0L;
        foreach (var part in new BytesReader(Indices).Parts())
        {
            foreach (var value in part.Span)
            {
                zeros += ofByte[value];
            }
        }

        return zeros;
    }
}
