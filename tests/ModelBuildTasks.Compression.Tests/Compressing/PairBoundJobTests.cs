using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Tests.Calibration;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Compressing;

/// <summary>What the pair bound costs once rounding takes its errors back, on pictures that did not calibrate.</summary>
[TestClass]
public sealed class PairBoundJobTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public required TestContext TestContext { get; init; }

    public void Dispose() => folder.Dispose();

    [TestMethod]
    [DataRow(nameof(SampleNetwork.MobileNet))]
    [DataRow(nameof(SampleNetwork.ResNet))]
    public void With_second_order_rounding_the_pair_bound_costs_less_than_a_decibel(string name)
    {
        var network = Network(name, 1);
        network.Builder.Save(folder);
        // Pictures of other seeds are other pictures.
        string[] calibration = [.. Enumerable.Range(2, 4).Select(seed => Pictures(name, seed))];
        string[] validation = [.. Enumerable.Range(6, 2).Select(seed => Pictures(name, seed))];
        var sqnr = new Dictionary<(Effort Effort, bool PairBound), double>();
        foreach (var (effort, pairBound) in new[] { (Effort.Fast, true), (Effort.Balanced, false), (Effort.Balanced, true) })
        {
            sqnr[(effort, pairBound)] = ModelCompressor.Compress(
                new CompressionRequest
                {
                    ModelPath = folder.File("model.onnx"),
                    Name = name,
                    OutputFolder = folder.File($"{effort} {pairBound}"),
                    CacheFolder = folder.File("cache"),
                    Quantize = QuantizationMode.Int8,
                    Calibration = calibration,
                    Validation = validation,
                    Device = DeviceProfile.Cpu with { PairBound = pairBound },
                    Effort = effort,
                },
                null,
                CancellationToken.None).Report.SqnrDb!.Value;
        }

        TestContext.WriteLine($"{name}: nearest with the bound {sqnr[(Effort.Fast, true)]:F2} dB; second order {sqnr[(Effort.Balanced, false)]:F2} dB, with the bound {sqnr[(Effort.Balanced, true)]:F2} dB");
        Assert.IsGreaterThan(sqnr[(Effort.Balanced, false)] - 1, sqnr[(Effort.Balanced, true)]);
        Assert.IsGreaterThan(sqnr[(Effort.Fast, true)], sqnr[(Effort.Balanced, true)]);
    }

    private static SampleNetwork Network(string name, int seed) => name == nameof(SampleNetwork.MobileNet) ? SampleNetwork.MobileNet(seed) : SampleNetwork.ResNet(seed);

    private string Pictures(string name, int seed)
    {
        var network = Network(name, seed);
        return folder.Write($"{seed}.npz", Npy.Archive(("image", Npy.Array([.. network.Samples.SelectMany(picture => picture)], [network.Samples.Count, .. network.InputShape.Skip(1)]))));
    }
}
