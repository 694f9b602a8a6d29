using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Pruning;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Reporting;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Pruning.Structured;

/// <summary>Trained networks lose half of what they multiply, become int8 and still read digits.</summary>
[TestClass]
public sealed class PrunedNetworkTests
{
    [TestMethod]
    [DataRow("samples/DigitReader/models/digits.onnx", 0.98)]
    [DataRow("tests/Benchmarks/Networks/mobilenetv3.onnx", 0.95)]
    [DataRow("tests/Benchmarks/Networks/vit.onnx", 0.96)]
    public void Half_of_a_network_reads_digits_as_int8(string path, double accuracy)
    {
        var report = Compress(path, PruneMethod.Structured);

        Assert.IsLessThan(0.6 * report.Pruning!.WeightsBefore, report.Pruning.WeightsAfter);
        Assert.IsGreaterThan(accuracy, report.Metric!.Compressed);
        Assert.IsEmpty(report.Warnings);
    }

    [TestMethod]
    public void A_recurrent_network_stays_whole_and_says_so()
    {
        var report = Compress("tests/Benchmarks/Networks/lstm.onnx", PruneMethod.Structured);

        Assert.AreEqual(report.Pruning!.WeightsBefore, report.Pruning.WeightsAfter);
        Assert.AreEqual("AIM3009", report.Warnings.Single().Code);
    }

    [TestMethod]
    public void A_network_without_blocks_says_so() => Assert.AreEqual("AIM3009", Compress("samples/DigitReader/models/digits.onnx", PruneMethod.Layers).Warnings.Single().Code);

    private static CompressionReport Compress(string path, PruneMethod method)
    {
        using var folder = new TemporaryFolder();
        var request = DigitReaderSample.Request(folder) with
        {
            ModelPath = Repository.File(path.Split('/')), Validation = [DigitReaderSample.Test], Quantize = QuantizationMode.Int8, Prune = new PruningOptions(0.5, method), Effort = Effort.Fast,
        };
        return ModelCompressor.Compress(request, null, CancellationToken.None).Report;
    }
}
