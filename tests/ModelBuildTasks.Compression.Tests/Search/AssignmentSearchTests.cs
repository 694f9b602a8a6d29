using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Reporting;
using ModelBuildTasks.Compression.Search;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Search;

[TestClass]
public sealed class AssignmentSearchTests : IDisposable
{
    private readonly SearchedNetwork network = new();

    public void Dispose() => network.Dispose();

    [TestMethod]
    public void Without_a_demand_the_cheapest_assignment_is_that_of_int8()
    {
        var auto = Compress(network.Request);
        var int8 = Compress(network.Request with { Quantize = QuantizationMode.Int8 });

        Assert.AreEqual(1, auto.Search!.Trials);
        Assert.AreEqual(Formats(int8), Formats(auto));
        Assert.AreEqual(int8.CompressedBytes, auto.CompressedBytes);
    }

    [TestMethod]
    public void More_accuracy_is_had_by_fewer_layers_on_bytes()
    {
        var int8 = Compress(network.Request);
        var demanding = Compress(network.Request with { MinSqnr = int8.Search!.SqnrDb + 1.5 });

        Assert.IsTrue(demanding.Search!.Met);
        Assert.IsGreaterThan(int8.Search.SqnrDb!.Value + 2, demanding.Search.SqnrDb!.Value);
        Assert.IsLessThan(Count(int8, "int8"), Count(demanding, "int8"));
        Assert.IsGreaterThan(0, Count(demanding, "int8"));
        Assert.IsLessThanOrEqualTo(AssignmentSearch.MostTrials, demanding.Search.Trials);
    }

    [TestMethod]
    public void Without_a_cost_table_too_layers_leave_bytes_for_accuracy()
    {
        var request = network.Request with { Device = DeviceProfiles.WithoutCosts };
        var int8 = Compress(request);
        var demanding = Compress(request with { MinSqnr = int8.Search!.SqnrDb + 1.5 });

        Assert.AreEqual(1, int8.Search.Trials);
        Assert.AreEqual(Formats(Compress(request with { Quantize = QuantizationMode.Int8 })), Formats(int8));
        Assert.IsTrue(demanding.Search!.Met);
        Assert.IsLessThan(Count(int8, "int8"), Count(demanding, "int8"));
        Assert.IsGreaterThan(0, Count(demanding, "int8"));
    }

    [TestMethod]
    public void Size_prefers_bytes_as_weights_where_float_would_be_more_accurate()
    {
        var report = Compress(network.Request with { MinSqnr = 30, OptimizeFor = OptimizationGoal.Size });

        Assert.IsTrue(report.Search!.Met);
        Assert.IsGreaterThan(3.5, report.Ratio);
    }

    [TestMethod]
    public void What_cannot_be_met_is_told_with_the_layers_that_cost_most()
    {
        var report = Compress(network.Request with { MinSqnr = 150 });

        Assert.IsFalse(report.Search!.Met);
        Assert.IsGreaterThan(1.0, report.Ratio);
        var told = report.Search.Layers.Where(layer => layer.SqnrDb is not null).Select(layer => layer.SqnrDb!.Value).ToArray();
        CollectionAssert.AreEqual(told.Order().ToArray(), told);
    }

    [TestMethod]
    public void Two_searches_find_the_same_bytes()
    {
        var request = network.Request with { MinSqnr = 38 };
        var first = File.ReadAllBytes(ModelCompressor.Compress(request, null, CancellationToken.None).ModelPath);
        var second = File.ReadAllBytes(ModelCompressor.Compress(request with { CacheFolder = network.File("other") }, null, CancellationToken.None).ModelPath);

        CollectionAssert.AreEqual(first, second);
    }

    [TestMethod]
    public void Progress_is_told_and_a_cancelled_search_leaves_nothing()
    {
        using var source = new CancellationTokenSource();
        var progress = new Recorded(source);

        Assert.ThrowsExactly<OperationCanceledException>(() => ModelCompressor.Compress(network.Request with { MinSqnr = 38 }, progress, source.Token));

        Assert.IsFalse(Directory.Exists(network.Request.OutputFolder) && Directory.EnumerateFiles(network.Request.OutputFolder, "*.onnx").Any());
    }

    [TestMethod]
    public void Without_samples_there_is_nothing_to_search_with()
    {
        var error = Expect.Error(DiagnosticCodes.MetadataContradicts, () => ModelCompressor.Compress(network.Request with { Calibration = [] }, null, CancellationToken.None));
        Assert.Contains("Calibration", error.Message);
    }

    private static CompressionReport Compress(CompressionRequest request) => ModelCompressor.Compress(request, null, CancellationToken.None).Report;

    private static string Formats(CompressionReport report) => string.Join(' ', report.Layers.Select(layer => $"{layer.Name}={layer.Format}"));

    private static int Count(CompressionReport report, string format) => report.Layers.Count(layer => layer.Format == format);

    /// <summary>Cancels once the search has begun to try.</summary>
    private sealed class Recorded(CancellationTokenSource source) : IProgress<CompressionProgress>
    {
        public void Report(CompressionProgress value)
        {
            if (value is { Phase: "search", Fraction: > 0 })
            {
                source.Cancel();
            }
        }
    }
}
