using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Pruning;

/// <summary>Which elements of a weight are exactly zero in a file, however it is stored there.</summary>
internal static class StoredZeros
{
    /// <summary>One mask for each form of the weight that could be found: constants with as many elements, as they are and turned.</summary>
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

        return masks;
    }

    /// <summary>Lets the runtime restore the weights of all products, as outputs of the model.</summary>
    /// <param name="model">The model; its input is x.</param>
    /// <param name="folder">Holds a copy.</param>
    /// <param name="shape">The shape of x.</param>
    /// <param name="count">The elements of the weight that is wanted.</param>
    public static IReadOnlyList<bool[]> OfRestored(ModelProto model, TemporaryFolder folder, long[] shape, int count)
    {
        var exposed = model.Clone();
        exposed.Graph.Output.Clear();
        exposed.Graph.Output.AddRange(exposed.Graph.Node.Where(node => node.OpType is "Gemm" or "MatMul").Select(node => new ValueInfoProto { Name = node.Input[1] }));
        using var session = ModelSession.Open(folder.Write("exposed.onnx", Google.Protobuf.MessageExtensions.ToByteArray(exposed)), new SessionSettings { Optimization = SessionOptimization.None });
        var masks = new List<bool[]>();
        var bytes = new byte[sizeof(float) * shape.Aggregate(1L, (product, dimension) => product * dimension)];
        session.Run(
            new Dictionary<string, ModelValue> { ["x"] = new TensorValue(DataType.Float, shape, bytes) },
            (_, _, _, restored) =>
            {
                if (restored.Length == count * sizeof(float))
                {
                    masks.Add(Array.ConvertAll(MemoryMarshal.Cast<byte, float>(restored).ToArray(), value => value == 0));
                }
            },
            CancellationToken.None);
        return masks;
    }

    private static bool[]? Zeros(TensorProto tensor) => tensor.ElementType() switch
    {
        DataType.Float => Array.ConvertAll(MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray(), value => value == 0),
        DataType.Float16 => Array.ConvertAll(MemoryMarshal.Cast<byte, Half>(tensor.RawData.Span).ToArray(), value => value == (Half)0),
        DataType.Int8 => [.. tensor.RawData.Select(value => value == 0)],
        _ => null,
    };
}
