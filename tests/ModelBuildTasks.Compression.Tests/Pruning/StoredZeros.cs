using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Pruning;

/// <summary>Which elements of a weight are exactly zero in a file, however it is stored there.</summary>
internal static class StoredZeros
{
    /// <summary>One mask for each form of the weight that could be found: constants with as many elements, as they are and turned, and blocks of four bits.</summary>
    /// <param name="model">The model.</param>
    /// <param name="rows">The outputs of the weight.</param>
    /// <param name="columns">The elements of an output.</param>
    public static IReadOnlyList<bool[]> Of(ModelProto model, int rows, int columns)
    {
        var masks = new List<bool[]>();
        foreach (var tensor in model.Graph.Initializer.Where(tensor => tensor.ElementCount() == (long)rows * columns && Zeros(tensor) is not null))
        {
            var zeros = Zeros(tensor)!;
            masks.Add(zeros);
            masks.Add([.. Enumerable.Range(0, zeros.Length).Select(index => zeros[(index % columns * rows) + (index / columns)])]);
        }

        masks.AddRange(model.Graph.Node.Where(node => node.OpType == "MatMulNBits" && node.Int64("N", 0) == rows && node.Int64("K", 0) == columns).Select(node => OfBlocks(model.Graph, node, rows, columns)));
        return masks;
    }

    private static bool[]? Zeros(TensorProto tensor) => tensor.ElementType() switch
    {
        DataType.Float => Array.ConvertAll(MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray(), value => value == 0),
        DataType.Float16 => Array.ConvertAll(MemoryMarshal.Cast<byte, Half>(tensor.RawData.Span).ToArray(), value => value == (Half)0),
        DataType.Int8 => [.. tensor.RawData.Select(value => value == 0)],
        _ => null,
    };

    private static bool[] OfBlocks(GraphProto graph, NodeProto node, int rows, int columns)
    {
        var size = (int)node.Int64("block_size", 0);
        var blocks = (columns + size - 1) / size;
        byte[] levels = Bytes(1), zeroPoints = node.Input.Count > 3 && node.Input[3].Length > 0 ? Bytes(3) : [];
        var zeros = new bool[rows * columns];
        for (var index = 0; index < zeros.Length; index++)
        {
            var (row, column) = (index / columns, index % columns);
            var zero = zeroPoints.Length == 0 ? 8 : Nibble(zeroPoints, (row * 2 * ((blocks + 1) / 2)) + (column / size));
            zeros[index] = Nibble(levels, (row * blocks * size) + column) == zero;
        }

        return zeros;

        byte[] Bytes(int input) => graph.Initializer.Single(tensor => tensor.Name == node.Input[input]).RawData.ToByteArray();
        static int Nibble(byte[] bytes, int index) => (bytes[index / 2] >> (4 * (index % 2))) & 15;
    }
}
