using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Pruning;
using ModelBuildTasks.Compression.Tests.Calibration;
using ModelBuildTasks.Compression.Tests.Modeling;
using ModelBuildTasks.Compression.Tests.Quantization;

namespace ModelBuildTasks.Compression.Tests.Pruning;

/// <summary>A small network with a convolution and products, its samples, and the request to prune it.</summary>
internal sealed class PrunedJob : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private int next;

    public PrunedJob()
    {
        ModelPath = ModelBuilder.Create().Input("x", 1, 8, 12, 12).Output("y")
            .Constant("k", RandomTensors.Weight(1, 24, 8, 3, 3)).Constant("kb", RandomTensors.Row(2, 24)).Constant("w", RandomTensors.Weight(3, 64, 384)).Constant("wb", RandomTensors.Row(4, 64)).Constant("v", RandomTensors.Weight(5, 10, 64))
            .Node("Conv", ["x", "k", "kb"], ["c"], "conv", ("pads", new[] { 1, 1, 1, 1 }), ("strides", new[] { 3, 3 })).Node("Relu", ["c"], ["r"]).Node("Flatten", ["r"], ["f"])
            .Node("Gemm", ["f", "w", "wb"], ["g"], "first", ("transB", 1)).Node("Relu", ["g"], ["s"]).Node("Gemm", ["s", "v"], ["y"], "second", ("transB", 1)).Save(folder);
        Data = folder.Write("data.npz", Npy.Archive(("x", Npy.Array(RandomTensors.Singles(new Random(6), 48L * 8 * 144), 48, 8, 12, 12))));
    }

    public string ModelPath { get; }

    public string Data { get; }

    public CompressionRequest Request => new()
    {
        ModelPath = ModelPath,
        Name = "model",
        OutputFolder = folder.File("out"),
        CacheFolder = folder.File("cache"),
        Prune = new PruningOptions(0.6),
        Calibration = [Data],
        // So small that nothing would be faster on bytes.
        Device = DeviceProfiles.WithoutCosts,
    };

    /// <summary>Compresses, each time with a cache of its own.</summary>
    public (CompressionResult Result, ModelProto Model) Compress(CompressionRequest request)
    {
        var name = $"run{next++}";
        var result = ModelCompressor.Compress(request with { CacheFolder = folder.File($"{name}/cache"), OutputFolder = folder.File($"{name}/out") }, null, CancellationToken.None);
        return (result, ModelProto.Parser.ParseFrom(File.ReadAllBytes(result.ModelPath)));
    }

    public void Dispose() => folder.Dispose();
}
