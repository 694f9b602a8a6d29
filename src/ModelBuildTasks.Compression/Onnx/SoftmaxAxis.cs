namespace ModelBuildTasks.Compression.Onnx;

/// <summary>Along what a Softmax makes shares (docs/Changelog.md of ONNX): since version 13 along one axis, the last unless told; before, along all dimensions from an axis on, the second unless told.</summary>
internal static class SoftmaxAxis
{
    private const int FirstOpsetOfOneAxis = 13;

    /// <summary>Whether it is one axis, and not all dimensions from it on.</summary>
    /// <param name="opset">The version of the default operator set.</param>
    public static bool IsAlone(int opset) => opset >= FirstOpsetOfOneAxis;

    /// <summary>The axis, negative where it counts from the end.</summary>
    /// <param name="softmax">The node.</param>
    /// <param name="opset">The version of the default operator set.</param>
    public static long Of(NodeProto softmax, int opset) => softmax.Int64("axis", IsAlone(opset) ? -1 : 1);
}
