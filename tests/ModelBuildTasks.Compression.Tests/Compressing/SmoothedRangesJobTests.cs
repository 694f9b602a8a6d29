using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Tests.Modeling;
using ModelBuildTasks.Compression.Tests.Quantization.Smoothing;

namespace ModelBuildTasks.Compression.Tests.Compressing;

/// <summary>A transformer with outlier channels through the whole product.</summary>
[TestClass]
public sealed class SmoothedRangesJobTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string RangesPath => folder.File("out/vit.ranges.json");

    public void Dispose() => folder.Dispose();

    [TestMethod]
    public void Static_int8_gains_twenty_decibels_and_weights_alone_lose_nothing()
    {
        var request = Request(Planted(PlantedOutliers.Scale));
        var without = request with { Corrections = CorrectionSwitches.All with { Smoothing = false } };

        Assert.IsGreaterThan(Sqnr(without) + 20, Sqnr(request));
        Assert.HasCount(8, ActivationRanges.Load(RangesPath).Smoothed);
        Assert.IsGreaterThan(Sqnr(without with { Quantize = QuantizationMode.Int8Dynamic }) + 5, Sqnr(request with { Quantize = QuantizationMode.Int8Dynamic }));
        Assert.AreEqual(Sqnr(without with { Quantize = QuantizationMode.Int8Weights }), Sqnr(request with { Quantize = QuantizationMode.Int8Weights }), 0.1);
    }

    [TestMethod]
    public void Channels_that_are_always_large_gain_too_and_weights_alone_do_not_pay_for_it()
    {
        var request = Request(Planted(PlantedOutliers.Shift));
        var without = request with { Corrections = CorrectionSwitches.All with { Smoothing = false } };

        Assert.IsGreaterThan(Sqnr(without) + 6, Sqnr(request));
        Assert.AreEqual(Sqnr(without with { Quantize = QuantizationMode.Int8Weights }), Sqnr(request with { Quantize = QuantizationMode.Int8Weights }), 0.1);
    }

    [TestMethod]
    public void A_model_without_outliers_is_the_same_file_with_and_without()
    {
        var request = Request(Repository.File("tests", "Benchmarks", "Networks", "vit.onnx"));

        CollectionAssert.AreEqual(Bytes(request with { Corrections = CorrectionSwitches.All with { Smoothing = false } }), Bytes(request));
        Assert.IsEmpty(ActivationRanges.Load(RangesPath).Smoothed);
        Assert.DoesNotContain("smoothed", File.ReadAllText(RangesPath));
    }

    [TestMethod]
    [DataRow(QuantizationMode.Int8)]
    [DataRow(QuantizationMode.Int8Weights)]
    [DataRow(QuantizationMode.Auto)]
    public void A_committed_file_gives_the_same_bytes(QuantizationMode mode)
    {
        var request = Request(Planted(PlantedOutliers.Scale)) with { Quantize = mode, Effort = Effort.Fast };
        var calibrated = Bytes(request);

        CollectionAssert.AreEqual(calibrated, Bytes(Committed(request)));
    }

    [TestMethod]
    public void A_committed_file_tells_the_factors_and_nothing_is_measured()
    {
        var request = Request(Planted(PlantedOutliers.Scale));
        Bytes(request);
        var committed = Committed(request);

        // Without data there is nothing to measure on.
        Bytes(committed with { Calibration = [], TraceFolder = folder.File("trace") });

        Assert.IsTrue(File.Exists(folder.File("trace/2-smooth-quant.onnx")));
    }

    [TestMethod]
    public void A_file_of_another_model_is_refused_with_the_name()
    {
        var request = Request(Planted(PlantedOutliers.Scale));
        Bytes(request);
        var name = ActivationRanges.Load(RangesPath).Smoothed.Keys.Order(StringComparer.Ordinal).First();

        Refused($"channels of 'other' smoothed, which cannot be smoothed in 'planted.onnx'", text => text.Replace($"\"{name}\": [0, ", "\"other\": [0, ", StringComparison.Ordinal).Replace($"\"{name}\": [-", "\"other\": [-", StringComparison.Ordinal));
        Refused($"127 channels of '{name}' smoothed, which has 128", text => text[..Last(text)] + text[(text.IndexOf(',', Last(text)) + 1)..]);

        int Last(string text) => text.LastIndexOf($"\"{name}\": [", StringComparison.Ordinal) + name.Length + 5;

        void Refused(string part, Func<string, string> change)
        {
            var committed = Committed(request, change);
            var error = Assert.ThrowsExactly<CompressionException>(() => Bytes(committed));
            Assert.AreEqual(DiagnosticCodes.RangesInvalid, error.Code);
            Assert.AreEqual(committed.Ranges, error.File);
            Assert.Contains(part, error.Message);
            Assert.Contains("Remove Ranges", error.Message);
        }
    }

    private CompressionRequest Request(string model) => new()
    {
        ModelPath = model,
        Name = "vit",
        OutputFolder = folder.File("out"),
        CacheFolder = folder.File("cache"),
        Quantize = QuantizationMode.Int8,
        Calibration = [DigitReaderSample.Calibration],
        Device = DeviceProfiles.WithoutCosts,
    };

    private CompressionRequest Committed(CompressionRequest request, Func<string, string>? change = null)
    {
        File.WriteAllText(folder.File("committed.json"), (change ?? (text => text))(File.ReadAllText(RangesPath)));
        return request with { Ranges = folder.File("committed.json") };
    }

    private string Planted(Action<OnnxModel, int, int> plant)
    {
        using var model = OnnxModel.Load(Repository.File("tests", "Benchmarks", "Networks", "vit.onnx"));
        plant(model, 3, 1);
        model.Save(folder.File("planted.onnx"));
        return folder.File("planted.onnx");
    }

    private static double Sqnr(CompressionRequest request) => ModelCompressor.Compress(request, null, CancellationToken.None).Report.SqnrDb!.Value;

    private static byte[] Bytes(CompressionRequest request) => File.ReadAllBytes(ModelCompressor.Compress(request, null, CancellationToken.None).ModelPath);
}
