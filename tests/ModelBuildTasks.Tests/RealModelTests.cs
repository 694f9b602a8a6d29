using ModelBuildTasks.Tests.Harness;

namespace ModelBuildTasks.Tests;

/// <summary>The main job on a real model: digits that people wrote, judged on 2,000 that the network never saw.</summary>
[TestClass]
public sealed class RealModelTests
{
    private static TestProject project = null!;

    [ClassInitialize]
    public static void Build(TestContext context)
    {
        var sample = Path.Combine(SuiteRun.Repository, "samples", "DigitReader");
        project = new TestProject();
        foreach (var file in new[] { "models/digits.onnx", "data/digits.calibration.npz", "data/digits.test.npz" })
        {
            project.WithFile(file, File.ReadAllBytes(Path.Combine(sample, file)));
        }

        project.WithModel("models/digits.onnx", ("Quantize", "int8"), ("Calibration", "data/digits.calibration.npz"), ("Validation", "data/digits.test.npz"), ("MaxAccuracyDrop", "0.002"), ("MinSqnr", "35"));
        project.Build().ShouldSucceed().ShouldCompress();
    }

    [TestMethod]
    public void It_is_judged_on_all_unseen_digits_and_was_good_before()
    {
        var metric = Report.Read(project.Output("digits.report.json")).GetProperty("metric");

        Assert.AreEqual("top1", metric.GetProperty("name").GetString());
        Assert.AreEqual(2000, metric.GetProperty("samples").GetInt32());
        Assert.IsGreaterThanOrEqualTo(0.98, metric.GetProperty("original").GetDouble());
    }

    [TestMethod]
    public void It_loses_at_most_a_fifth_of_a_point()
    {
        var report = Report.Read(project.Output("digits.report.json"));

        Assert.IsLessThanOrEqualTo(0.002, report.GetProperty("metric").GetProperty("drop").GetDouble());
        Assert.IsGreaterThanOrEqualTo(35, report.GetProperty("sqnrDb").GetDouble());
    }

    [TestMethod]
    public void It_becomes_at_least_3_7_times_smaller()
    {
        var original = new FileInfo(project.InFolder("models/digits.onnx")).Length;
        var compressed = new FileInfo(project.Output("digits.onnx")).Length;

        Assert.IsGreaterThanOrEqualTo(3.7, (double)original / compressed);
        Assert.AreEqual(compressed, Report.Read(project.Output("digits.report.json")).GetProperty("compressedBytes").GetInt64());
    }

    [TestMethod]
    public void It_is_embedded_byte_for_byte() =>
        CollectionAssert.AreEqual(File.ReadAllBytes(project.Output("digits.onnx")), BuiltAssembly.Resource(project.AssemblyPath, "AiModels.digits.onnx"));
}
