namespace ModelBuildTasks.Compression.Tests.Kernels;

/// <summary>Tensors [outer, channels, inner] as they occur: Conv (outer 1), Gemm and MatMul (inner 1), ConvTranspose (both), one channel, none.</summary>
internal static class ChannelLayouts
{
    public static IEnumerable<(int Outer, int Channels, int Inner)> All =>
    [
        .. Enumerable.Range(1, 40).Select(inner => (1, 5, inner)),
        .. Enumerable.Range(1, 70).Select(channels => (7, channels, 1)),
        .. Enumerable.Range(1, 20).Select(channels => (3, channels, 9)),
        (1, 1, 1), (1, 1, 1000), (1000, 1, 1), (64, 33, 17), (0, 4, 3), (3, 0, 4), (3, 4, 0),
    ];
}
