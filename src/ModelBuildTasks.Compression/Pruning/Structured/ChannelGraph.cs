using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Pruning.Structured;

/// <summary>
/// Along which axes of which values what could go lies. Each position of such an axis is of a class (<see cref="ChannelClasses"/>); an axis without positions stays as it is. Axes of constants get positions when they are asked for.
/// </summary>
internal sealed class ChannelGraph
{
    private readonly Dictionary<string, int[]?[]> axes = new(StringComparer.Ordinal);
    private readonly IReadOnlyDictionary<string, long[]> dimensions;

    /// <param name="graph">The main graph of a model whose nodes have names of their own.</param>
    /// <param name="dimensions">The dimensions of its values in a run.</param>
    /// <param name="opset">The version of its operators.</param>
    public ChannelGraph(OnnxGraph graph, IReadOnlyDictionary<string, long[]> dimensions, int opset) => (Graph, this.dimensions, Opset) = (graph, dimensions, opset);

    public OnnxGraph Graph { get; }

    public int Opset { get; }

    public ChannelClasses Classes { get; } = new();

    /// <summary>The layers, in the order in which they run.</summary>
    public List<ChannelLayer> Layers { get; } = [];

    /// <summary>Numbers in nodes that tell how many channels there are.</summary>
    public List<ChannelCount> Counts { get; } = [];

    /// <summary>The values with positions, constants among them.</summary>
    public IEnumerable<KeyValuePair<string, int[]?[]>> Values => axes.OrderBy(value => value.Key, StringComparer.Ordinal);

    /// <summary>The dimensions of a value in a run; null where they are not known.</summary>
    public long[]? Dimensions(string value) => Graph.Constant(value) is { } constant ? [.. constant.Dims] : dimensions.GetValueOrDefault(value);

    /// <summary>The positions along an axis of a value; null where it stays as it is.</summary>
    public int[]? Axis(string value, int axis)
    {
        if (Dimensions(value) is not { } dims || axis < 0 || axis >= dims.Length || dims[axis] < 2)
        {
            return null;
        }

        if (Graph.Constant(value) is { } constant)
        {
            // Several elements of less than a byte cannot be told apart in their bytes.
            if (constant.ElementType().Bits() < 8)
            {
                return null;
            }

            var known = Known(value, dims.Length);
            return known[axis] ??= Classes.New(dims[axis]);
        }

        return axes.GetValueOrDefault(value)?[axis];
    }

    /// <summary>Tells the positions along an axis of a value.</summary>
    public void SetAxis(string value, int axis, int[]? positions)
    {
        if (positions is not null && Dimensions(value) is { } dims)
        {
            Known(value, dims.Length)[axis] = positions;
        }
    }

    /// <summary>Lets the positions of two axes of one length go together only; where one has none, those of the other stay.</summary>
    public void Join(int[]? first, int[]? second, string reason)
    {
        if (first is null || second is null)
        {
            Classes.Keep(first ?? second ?? [], reason);
            return;
        }

        for (var i = 0; i < first.Length; i++)
        {
            Classes.Join(first[i], second[i]);
        }
    }

    /// <summary>Lets all that lies along any axis of a value stay.</summary>
    public void Keep(string value, string reason)
    {
        for (var axis = 0; axis < (Dimensions(value)?.Length ?? 0); axis++)
        {
            Classes.Keep(Axis(value, axis) ?? [], reason);
        }
    }

    /// <summary>Lets all that a node reads stay.</summary>
    public void KeepInputs(NodeProto node, string reason)
    {
        foreach (var input in node.Input.Where(input => axes.ContainsKey(input) || Graph.Constant(input) is not null))
        {
            Keep(input, reason);
        }
    }

    /// <summary>Why a layer keeps its output channels; null where they may go.</summary>
    public string? WhyNot(string node) => Layers.FirstOrDefault(layer => layer.Node == node) is not { } layer ? "its operator has no rule by which channels are followed"
        : layer.Outputs is null ? "its output has one channel"
        : Array.TrueForAll(layer.Outputs, position => Classes.WhyKept(position) is not null) ? Classes.WhyKept(layer.Outputs[0])
        : null;

    private int[]?[] Known(string value, int rank)
    {
        if (!axes.TryGetValue(value, out var known))
        {
            axes.Add(value, known = new int[]?[rank]);
        }

        return known;
    }
}
