using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization.IntegerOnly;

/// <summary>
/// DepthToSpace and SpaceToDepth as reshapes and transpositions, which every runtime has for bytes: of ONNX Runtime's releases up to 1.23 none has the operators themselves for signed bytes, nor SpaceToDepth for unsigned
/// ones, and DepthToSpace for these came with 1.21 (one model each, tried with the npm package onnxruntime-node).
/// </summary>
/// <remarks>A reshape can copy a dimension that differs from run to run, where it stays in its place, and tell one: so two of them need more steps.</remarks>
internal sealed class BlockMoves(OnnxGraph graph, ValueShapes shapes)
{
    /// <summary>A step: new dimensions, or the order of the old ones.</summary>
    private readonly record struct Step(string Operator, long[] Numbers);

    /// <summary>Whether a node is one of these.</summary>
    public static bool Is(NodeProto node) => node.OpType is "DepthToSpace" or "SpaceToDepth";

    /// <summary>Puts the steps in the place of a node.</summary>
    /// <param name="node">The node.</param>
    /// <param name="input">The bytes that it takes.</param>
    /// <param name="output">The bytes that it gives.</param>
    public void Write(NodeProto node, string input, string output)
    {
        var block = node.Int64("blocksize", 1);
        var size = shapes.Shape(node.Output[0]) is [_, _, > 0 and var height, > 0 and var width] ? (height, width) : default((long, long)?);
        var steps = node.OpType == "SpaceToDepth" ? SpaceToDepth(block, size) : DepthToSpace(block, size, node.Text("mode", "DCR") == "CRD");
        var stem = ValueNames.Stem(node.Output[0]);
        graph.Remove(node);
        for (var index = 0; index < steps.Length; index++)
        {
            var result = index == steps.Length - 1 ? output : graph.UniqueName(stem + "_m");
            graph.Add(Node(steps[index], input, result, stem, index == steps.Length - 1 ? node.Name : ""));
            input = result;
        }
    }

    private NodeProto Node(Step step, string input, string output, string stem, string name) => step.Operator == "Reshape"
        ? NewNode.Of("Reshape", [input, graph.AddInitializer(TensorValues.Create(stem + "_shape", step.Numbers, step.Numbers.Length))], output, name)
        : NewNode.Of("Transpose", [input], output, name).With("perm", step.Numbers);

    // [N, C, H, W] → [N, C', H · b, W · b], where C is (b, b, C') or (C', b, b).
    private static Step[] DepthToSpace(long b, (long Height, long Width)? size, bool isColumnFirst) => size is var (height, width)
        ?
        [
            isColumnFirst ? Reshape(0, -1, b, b, height / b, width / b) : Reshape(0, b, b, -1, height / b, width / b),
            isColumnFirst ? Transpose(0, 1, 4, 2, 5, 3) : Transpose(0, 3, 4, 1, 5, 2),
            Reshape(0, -1, height, width),
        ]
        :
        [
            Transpose(0, 2, 3, 1),
            isColumnFirst ? Reshape(0, 0, 0, -1, b, b) : Reshape(0, 0, 0, b, b, -1),
            // [N, H, b, C', W, b]
            isColumnFirst ? Transpose(0, 1, 4, 3, 2, 5) : Transpose(0, 1, 3, 5, 2, 4),
            Reshape(0, 0, 0, 0, -1),
            // [N, C', W · b, H, b]
            Transpose(0, 3, 4, 1, 2),
            Reshape(0, 0, 0, -1),
            Transpose(0, 1, 3, 2),
        ];

    // [N, C, H · b, W · b] → [N, (b, b, C), H, W].
    private static Step[] SpaceToDepth(long b, (long Height, long Width)? size) => size is var (height, width)
        ? [Reshape(0, 0, height, b, width, b), Transpose(0, 3, 5, 1, 2, 4), Reshape(0, -1, height, width)]
        :
        [
            Reshape(0, 0, 0, -1, b),
            // [N, C, W, b, H · b]
            Transpose(0, 1, 3, 4, 2),
            Reshape(0, 0, 0, 0, -1, b),
            // [N, H, W, b, b, C]
            Transpose(0, 4, 2, 5, 3, 1),
            Reshape(0, 0, 0, -1),
            Transpose(0, 3, 1, 2),
        ];

    private static Step Reshape(params long[] shape) => new("Reshape", shape);

    private static Step Transpose(params long[] order) => new("Transpose", order);
}
