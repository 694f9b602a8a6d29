using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression.Tests.Compressing;

/// <summary>Whole compressions of a model with two folders of test data: the first calibrates, the second judges.</summary>
[TestClass]
public sealed class ExpectedOutputsOfTestDataTests : IDisposable
{
    private readonly SmallJob job = new();

    public void Dispose() => job.Dispose();

    [TestMethod]
    public void Expected_outputs_of_the_model_are_reported_and_not_warned_of()
    {
        WriteTests(factor: 1);

        var report = Compress();

        Assert.AreEqual("int8", report.Variant);
        Assert.AreEqual(1, report.Expected!.Samples);
        Assert.IsGreaterThan(100, report.Expected.OriginalSqnrDb);
        Assert.AreEqual(report.SqnrDb!.Value, report.Expected.CompressedSqnrDb, 0.01);
        Assert.IsEmpty(report.Warnings);
    }

    [TestMethod]
    public void Expected_outputs_of_another_model_are_warned_of_in_this_build_and_in_the_next()
    {
        WriteTests(factor: 0.5f);

        var report = Compress();

        // Of x/2 the original is x/2 away.
        Assert.AreEqual(0, report.Expected!.OriginalSqnrDb, 1e-6);
        Assert.AreEqual(DiagnosticCodes.ExpectedOutputsDiffer, report.Warnings.Single().Code);
        Assert.AreEqual(DiagnosticCodes.ExpectedOutputsDiffer, Compress().Warnings.Single().Code);
    }

    [TestMethod]
    public void The_report_that_is_published_has_them()
    {
        WriteTests(factor: 1);

        var report = Compress();

        Assert.IsTrue(ReportFile.TryRead(Path.Combine(job.Output, "model.report.json"), out var published));
        Assert.AreEqual(report.Expected, published.Expected);
    }

    private CompressionReport Compress() => ModelCompressor.Compress(job.Request with { Calibration = [job.File("tests")] }, progress: null, CancellationToken.None).Report;

    private void WriteTests(float factor)
    {
        job.WriteTestData("tests/test_data_set_0", batch: 30, seed: 3);
        job.WriteTestData("tests/test_data_set_1", batch: 20, seed: 4);
        using var session = ModelSession.Open(job.ModelPath, new SessionSettings());
        var samples = SampleSet.Open([job.File("tests")], session.Ports, new ImageOptions());
        foreach (var (index, sample) in samples.Read([0, 1]).Index())
        {
            session.Run(sample.Inputs, (_, _, _, bytes) => job.WriteExpected($"tests/test_data_set_{index}", [.. LittleEndian.Values<float>(bytes).ToArray().Select(value => value * factor)]), CancellationToken.None);
        }
    }
}
