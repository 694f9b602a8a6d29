using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Corrections;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Quantization.Smoothing;

/// <summary>The constants in front of a value that a factor for each of its channels, its last dimension, can be put on at no cost when the model runs.</summary>
/// <param name="Rows">Constants whose last dimension are the channels: scales and biases of a normalization, factors and summands.</param>
/// <param name="Layer">The layer whose outputs are the channels; null where the factors end in a row.</param>
internal sealed record ChannelSource(IReadOnlyList<NodeInput> Rows, NodeProto? Layer)
{
    /// <summary>What is in front of a value; null where nothing takes the factors in.</summary>
    /// <param name="value">The value.</param>
    /// <param name="channels">How many channels it has; 2 at least.</param>
    /// <param name="graph">The main graph.</param>
    public static ChannelSource? Of(string value, int channels, OnnxGraph graph)
    {
        return Find(value, isPrivate: false);

        ChannelSource? Find(string value, bool isPrivate)
        {
            if (graph.Producer(value) is not { } node || !node.IsStandard() || node.Output[0] != value || isPrivate && graph.OnlyReader(value) is null)
            {
                return null;
            }

            var row = node.OpType is "Add" or "Sub" or "Mul" ? node.Input.ToList().FindIndex(IsRow) : -1;
            return node.OpType switch
            {
                "LayerNormalization" or "RMSNormalization" or "SimplifiedLayerNormalization" => OfNormalization(node),
                "Mul" when row >= 0 => new([new NodeInput(node, row)], null),
                // Of a gate one side is enough.
                "Mul" => Find(node.Input[1], isPrivate: true) ?? Find(node.Input[0], isPrivate: true),
                "Add" or "Sub" when row >= 0 => Find(node.Input[1 - row], isPrivate: true) is { } inFront ? inFront with { Rows = [.. inFront.Rows, new NodeInput(node, row)] } : null,
                // A positive factor in front of these is one behind.
                "Relu" or "LeakyRelu" or "Identity" => Find(node.Input[0], isPrivate: true),
                "Gemm" or "MatMul" when ScaledLayer.IsPossible(node, graph) && ScaledLayer.HasRow(node, graph) && ScaledLayer.Outputs(node, graph) == channels => new([], node),
                _ => null,
            };
        }

        ChannelSource? OfNormalization(NodeProto node)
        {
            int[] parameters = node.InputOrEmpty(2).Length > 0 ? [1, 2] : [1];
            return Array.TrueForAll(parameters, input => IsRow(node.InputOrEmpty(input))) ? new([.. parameters.Select(input => new NodeInput(node, input))], null) : null;
        }

        bool IsRow(string name) => graph.Constant(name) is { Dims.Count: > 0 } row && row.ElementType() == DataType.Float && row.Dims[^1] == channels;
    }

    /// <summary>Multiplies each channel with a power of two.</summary>
    public void Scale(int[] exponents, OnnxGraph graph)
    {
        foreach (var row in Rows)
        {
            var name = row.Node.Input[row.Index];
            var constant = graph.Constant(name)!;
            var scaled = constant.Singles().ToArray().Select((number, index) => MathF.ScaleB(number, exponents[index % exponents.Length])).ToArray();
            graph.SetInput(row.Node, row.Index, graph.AddInitializer(TensorValues.Create(name, scaled, [.. constant.Dims])));
        }

        if (Layer is not null)
        {
            var layer = new ScaledLayer(Layer, graph);
            layer.ScaleOutputs(exponents);
            layer.Write(graph);
        }
    }
}
