using ModelBuildTasks.Compression.Devices;

namespace Benchmarks.Costs;

/// <summary>The layers that stand for their classes: channels in steps of two or four, and what runs in other kernels beside them (few inputs, channels that fill no vectors, depthwise, grouped).</summary>
internal static class MeasuredLayers
{
    private const long FewestRows = 16;
    private const long FewestMultiplyAdds = 2_000_000;

    /// <summary>Each class with the shape of its input, large enough that its kernel runs for some tens of microseconds, and short enough that other processes rarely interrupt it.</summary>
    public static IReadOnlyList<(LayerClass Class, long[] Input)> All { get; } =
    [
        // Pointwise.
        Picture(1, 8, 8, 56), Picture(1, 16, 16, 56), Picture(1, 32, 32, 56), Picture(1, 64, 64, 28), Picture(1, 128, 128, 28), Picture(1, 256, 256, 14),
        Picture(1, 16, 64, 56), Picture(1, 64, 16, 56), Picture(1, 32, 128, 28), Picture(1, 128, 32, 28), Picture(1, 64, 256, 28), Picture(1, 256, 64, 28),
        Picture(1, 18, 18, 56), Picture(1, 50, 50, 28),
        // Larger kernels, and those in front of a network.
        Picture(9, 8, 8, 56), Picture(9, 8, 16, 56), Picture(9, 16, 16, 56), Picture(9, 16, 32, 28), Picture(9, 32, 32, 28), Picture(9, 64, 64, 28), Picture(9, 128, 128, 14), Picture(9, 256, 256, 7),
        Picture(9, 1, 8, 56), Picture(9, 1, 32, 56), Picture(9, 3, 16, 56), Picture(9, 3, 32, 56), Picture(9, 3, 64, 56), Picture(9, 18, 18, 28), Picture(9, 50, 50, 28),
        Picture(25, 1, 8, 28), Picture(25, 8, 16, 28), Picture(49, 3, 16, 56), Picture(49, 3, 64, 56),
        // Depthwise and grouped.
        Picture(9, 1, 1, 56, 16), Picture(9, 1, 1, 56, 32), Picture(9, 1, 1, 56, 64), Picture(9, 1, 1, 28, 128), Picture(9, 1, 1, 28, 256), Picture(9, 1, 1, 56, 24), Picture(9, 1, 1, 56, 72), Picture(9, 1, 1, 28, 200),
        Picture(25, 1, 1, 28, 96), Picture(25, 1, 1, 28, 72), Picture(9, 8, 8, 28, 4), Picture(9, 16, 16, 28, 4), Picture(9, 32, 32, 28, 4), Picture(9, 18, 18, 28, 4), Picture(1, 32, 32, 28, 4),
        // One dimension.
        Signal(3, 1, 16, 4000), Signal(3, 16, 16, 2000), Signal(3, 64, 64, 500), Signal(3, 128, 128, 250), Signal(3, 18, 18, 1000), Signal(1, 64, 64, 1000), Signal(3, 1, 1, 1000, 64), Signal(3, 1, 1, 1000, 72),
        // Products.
        Product("Gemm", 64, 64), Product("Gemm", 256, 256), Product("Gemm", 1024, 1024), Product("Gemm", 256, 16), Product("Gemm", 128, 10), Product("Gemm", 50, 50), Product("Gemm", 250, 250),
        Product("MatMul", 64, 64), Product("MatMul", 256, 256), Product("MatMul", 1024, 1024), Product("MatMul", 256, 16), Product("MatMul", 128, 10), Product("MatMul", 50, 50), Product("MatMul", 250, 250),
    ];

    private static (LayerClass, long[]) Picture(long kernel, long inputs, long outputs, long size, long groups = 1) =>
        (new LayerClass("Conv", 2, kernel, groups, inputs, outputs), [1, inputs * groups, size, size]);

    private static (LayerClass, long[]) Signal(long kernel, long inputs, long outputs, long length, long groups = 1) =>
        (new LayerClass("Conv", 1, kernel, groups, inputs, outputs), [1, inputs * groups, length]);

    // On more than two dimensions, where a MatMul stays one.
    private static (LayerClass, long[]) Product(string operation, long inputs, long outputs)
    {
        var rows = Math.Max(FewestRows, FewestMultiplyAdds / (inputs * outputs));
        return (new LayerClass(operation, 0, 1, 1, inputs, outputs), operation == "Gemm" ? [rows, inputs] : [1, rows, inputs]);
    }
}
