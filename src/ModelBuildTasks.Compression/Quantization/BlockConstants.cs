using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>The constants of a weight in blocks in a graph: each is there once, in the shape of its first reader, and readers that want another shape get a Reshape, which the runtime folds.</summary>
/// <param name="graph">Where they go.</param>
/// <param name="stem">How their names begin.</param>
/// <param name="weight">The levels and their scales.</param>
internal sealed class BlockConstants(OnnxGraph graph, string stem, BlockQuantizedWeight weight)
{
    private readonly Dictionary<(string Suffix, string Dims), string> names = [];
    private readonly Dictionary<string, string> first = [];

    public BlockLayout Layout => weight.Layout;

    /// <summary>How names of values that belong to the weight begin.</summary>
    public string Stem => stem;

    /// <summary>Whether blocks have zero points.</summary>
    public bool HasZeroPoints => weight.ZeroPoints is not null;

    /// <summary>
    /// The levels, two to a byte, by a Reshape in any case: as a constant beside scales that are none, since nobody folded them, MatMulNBits gives zeros (seen on 1.31.1 with optimizations disabled).
    /// </summary>
    public string FoldedValues(params long[] dims)
    {
        Values(weight.Layout.Rows, weight.Values.Size() / weight.Layout.Rows);
        return Values(dims);
    }

    /// <summary>The levels, two to a byte.</summary>
    public string Values(params long[] dims) => InShape("_q", dims, () => TensorValues.Create(stem + "_q", DataType.Uint8, weight.Values, dims));

    /// <summary>The scales as floats; those of 16 bits are widened when the model is loaded.</summary>
    public string Scales(params long[] dims) => InShape("_s", dims, () => weight.ScalesAreHalf
        ? HalfScales.Tensor(stem + "_s", weight.Scales, dims)
        : TensorValues.Create(stem + "_s", weight.Scales, dims));

    /// <summary>The zero points, two to a byte.</summary>
    public string ZeroPoints(params long[] dims) => InShape("_z", dims, () => TensorValues.Create(stem + "_z", weight.ZeroPoints, dims));

    private string InShape(string suffix, long[] dims, Func<TensorProto> create)
    {
        var key = (suffix, string.Join(',', dims));
        if (names.TryGetValue(key, out var name))
        {
            return name;
        }

        if (first.TryGetValue(suffix, out var other))
        {
            name = graph.UniqueName(stem + suffix + "r");
            graph.Add(NewNode.Of("Reshape", [other, graph.AddInitializer(TensorValues.Create(stem + "_n", dims, dims.Length))], name));
        }
        else
        {
            name = AsFloat(graph.AddInitializer(create()), suffix);
            first.Add(suffix, name);
        }

        names.Add(key, name);
        return name;
    }

    private string AsFloat(string constant, string suffix)
    {
        if (suffix != "_s" || !weight.ScalesAreHalf)
        {
            return constant;
        }

        var widened = graph.UniqueName(stem + "_w");
        graph.Add(NewNode.Of("Cast", [constant], widened).With("to", (long)DataType.Float));
        return widened;
    }
}
