using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>One dimension of a convolution's kernel and how it moves (ONNX, docs/Operators.md, Conv).</summary>
/// <param name="Taps">The kernel's values along the dimension.</param>
/// <param name="Stride">The distance of neighbouring output positions, in input positions.</param>
/// <param name="Dilation">The distance of neighbouring taps, in input positions.</param>
/// <param name="Begin">Zeros before the input, where the padding is given.</param>
/// <param name="End">Zeros behind the input, where the padding is given.</param>
/// <param name="AutoPad">How the padding is chosen by the input's length: SAME_UPPER, SAME_LOWER or VALID; else it is given.</param>
internal readonly record struct KernelAxis(int Taps, int Stride, int Dilation, int Begin, int End, string AutoPad)
{
    /// <summary>A kernel of one tap that moves by one.</summary>
    public static KernelAxis Single => new(1, 1, 1, 0, 0, "NOTSET");

    /// <summary>The dimensions of a convolution's kernel.</summary>
    /// <param name="node">A Conv.</param>
    /// <param name="kernel">The dimensions of its weight without the channels.</param>
    public static KernelAxis[] Of(NodeProto node, IReadOnlyList<long> kernel)
    {
        var (strides, dilations, pads) = (node.Attribute("strides")?.Ints, node.Attribute("dilations")?.Ints, node.Attribute("pads")?.Ints);
        var autoPad = node.Text("auto_pad", "NOTSET");
        return [.. Enumerable.Range(0, kernel.Count).Select(axis => new KernelAxis(
            (int)kernel[axis], At(strides, axis, 1), At(dilations, axis, 1), At(pads, axis, 0), At(pads, kernel.Count + axis, 0), autoPad))];

        static int At(IReadOnlyList<long>? values, int index, int otherwise) => values is { Count: > 0 } ? (int)values[index] : otherwise;
    }

    /// <summary>Where the kernel stands on an input of so many positions.</summary>
    /// <param name="length">The input's positions along the dimension.</param>
    /// <returns>How many positions the output has, and how many zeros lie before the input.</returns>
    public (int Outputs, int Begin) Over(int length)
    {
        var extent = ((Taps - 1) * Dilation) + 1;
        if (AutoPad is "SAME_UPPER" or "SAME_LOWER")
        {
            var outputs = (length + Stride - 1) / Stride;
            var padding = ((outputs - 1) * Stride) + extent - length;

            // Where strides leave out so much that nothing is padded, ONNX Runtime 1.31 cuts the input instead, by one position less than that (tried).
            padding += padding < 0 ? 1 : 0;
            return (outputs, (AutoPad == "SAME_LOWER" ? padding + 1 : padding) / 2);
        }

        var (begin, end) = AutoPad == "VALID" ? (0, 0) : (Begin, End);
        var room = length + begin + end - extent;
        return (room < 0 ? 0 : (room / Stride) + 1, begin);
    }
}
