using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Reporting;
using ModelBuildTasks.Compression.Tests.Calibration;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Compressing;

/// <summary>A recurrent cell, hn = tanh(W·[x; h]) and y = V·hn, whose data has no h, goes the whole way.</summary>
[TestClass]
public sealed class StatefulModelTests : IDisposable
{
    private const int Features = 16;
    private const int Hidden = 64;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    public void The_state_is_carried_through_calibration_evaluation_and_latency()
    {
        var report = Compress(Archive("data.npz", ("x", Numbers(20 * Features, seed: 2), [20, Features])));

        Assert.AreEqual("int8", report.Variant);
        CollectionAssert.AreEqual(new[] { new StateReport("h", "hn") }, report.States.ToArray());
        Assert.AreEqual("y hn", string.Join(' ', report.Outputs.Select(output => output.Name)));
        Assert.IsTrue(report.Outputs.All(output => output.SqnrDb > 15), string.Join(' ', report.Outputs));
        Assert.AreEqual(10, report.Metric!.Samples);
        Assert.IsNotNull(report.Latency);
    }

    [TestMethod]
    public void What_the_data_gives_for_the_state_is_used_instead()
    {
        var report = Compress(Archive("data.npz", ("x", Numbers(20 * Features, seed: 2), [20, Features]), ("h", Numbers(20 * Hidden, seed: 3), [20, Hidden])));

        Assert.IsEmpty(report.States);
        Assert.HasCount(2, report.Outputs);
    }

    [TestMethod]
    public void An_input_that_is_no_state_is_still_missing()
    {
        var data = Archive("data.npz", ("h", Numbers(20 * Hidden, seed: 3), [20, Hidden]));

        var exception = Assert.ThrowsExactly<CompressionException>(() => Compress(data));

        Assert.AreEqual(DiagnosticCodes.DataNameMismatch, exception.Code);
        Assert.Contains("input 'x', and it is no state", exception.Message);
    }

    private CompressionReport Compress(string data) => ModelCompressor.Compress(
        new CompressionRequest
        {
            ModelPath = Cell().Save(folder),
            Name = "cell",
            OutputFolder = folder.File("out"),
            CacheFolder = folder.File("cache"),
            Quantize = QuantizationMode.Int8,
            Calibration = [data],
            Device = DeviceProfiles.WithoutCosts,
        },
        null,
        CancellationToken.None).Report;

    private static ModelBuilder Cell() => ModelBuilder.Create()
        .Input("x", DataType.Float, "batch", Features)
        .Input("h", DataType.Float, "batch", Hidden)
        .Constant("w", Numbers((Features + Hidden) * Hidden, seed: 1), Features + Hidden, Hidden)
        .Constant("v", Numbers(Hidden * 8, seed: 4), Hidden, 8)
        .Node("Concat", ["x", "h"], ["both"], ("axis", 1))
        .Node("MatMul", ["both", "w"], ["sum"])
        .Node("Tanh", ["sum"], ["hn"])
        .Node("MatMul", ["hn", "v"], ["y"])
        .Output("y", DataType.Float, "batch", 8)
        .Output("hn", DataType.Float, "batch", Hidden);

    private string Archive(string name, params (string Name, float[] Values, long[] Shape)[] arrays) =>
        folder.Write(name, Npy.Archive([.. arrays.Select(array => (array.Name, Npy.Array(array.Values, array.Shape)))]));

    private static float[] Numbers(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() - 0.5f) / 2)];
    }
}
