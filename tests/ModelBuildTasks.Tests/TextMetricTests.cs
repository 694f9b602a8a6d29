using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Tests.Harness;
using ModelBuildTasks.Tests.Models;

namespace ModelBuildTasks.Tests;

/// <summary>A text recognizer is judged by the characters and lines it reads right.</summary>
[TestClass]
public sealed class TextMetricTests
{
    private const string OtherKeys = "z\ny\nx\nw\nv\nu\nt\ns\nr\nq\np\no\nn\nm\nl\nk\nj\ni\nh\ng\nf\ne\nd\nc\nb\na\n";

    [TestMethod]
    public void The_report_and_the_log_tell_characters_and_lines()
    {
        var project = Project(("Metric", "ctc"));

        var result = project.Build().ShouldSucceed().ShouldCompress();

        var report = Report.Read(project.Output("reader.report.json"));
        var metric = report.GetProperty("metric");
        Assert.AreEqual("int8", report.GetProperty("variant").GetString());
        Assert.AreEqual("ctc", metric.GetProperty("name").GetString());
        Assert.AreEqual(300, metric.GetProperty("samples").GetInt32());
        Assert.AreEqual(1, metric.GetProperty("original").GetDouble());
        Assert.AreEqual(1, report.GetProperty("lines").GetProperty("original").GetDouble());
        Assert.IsTrue(report.GetProperty("lines").GetProperty("labelled").GetBoolean());
        Assert.Contains("characters 100.00% → ", result.Output);
        Assert.Contains("Lines read right", File.ReadAllText(project.Output("reader.report.html")));
    }

    [TestMethod]
    public void Labels_that_are_texts_and_keys_choose_the_metric()
    {
        var project = Project();

        project.Build().ShouldSucceed();

        Assert.AreEqual("ctc", Report.Read(project.Output("reader.report.json")).GetProperty("metric").GetProperty("name").GetString());
    }

    [TestMethod]
    public void Other_keys_judge_again_and_compress_nothing_anew()
    {
        var project = Project(("Metric", "ctc"));
        project.Build().ShouldSucceed().ShouldCompress();
        project.Build().ShouldSucceed().ShouldNotCompress();
        var before = File.ReadAllBytes(project.Output("reader.onnx"));
        project.WithFile("keys.txt", OtherKeys);

        project.Build().ShouldSucceed().ShouldCompress();

        Assert.IsLessThan(0.5, Report.Read(project.Output("reader.report.json")).GetProperty("metric").GetProperty("original").GetDouble());
        CollectionAssert.AreEqual(before, File.ReadAllBytes(project.Output("reader.onnx")));
    }

    [TestMethod]
    public void Touching_the_keys_does_nothing()
    {
        var project = Project(("Metric", "ctc"));
        project.Build().ShouldSucceed().ShouldCompress();
        File.SetLastWriteTimeUtc(project.InFolder("keys.txt"), DateTime.UtcNow);

        project.Build().ShouldSucceed().ShouldNotCompress();
    }

    [TestMethod]
    public void Keys_of_another_recognizer_are_one_error_with_both_counts()
    {
        var error = Project(("Metric", "ctc")).WithFile("keys.txt", "a\nb\nc\n").Build().ShouldFailWith(DiagnosticCodes.KeysInvalid);

        Assert.EndsWith("keys.txt", error.File);
        Assert.Contains("has 3 lines", error.Message);
        Assert.Contains("the model has 28", error.Message);
    }

    private static TestProject Project(params (string Name, string Value)[] metadata) => new TestProject()
        .WithFile("reader.onnx", LineReader.Bytes)
        .WithFile("keys.txt", LineReader.Keys)
        .WithFile("lines.npz", LineReader.Samples(1))
        .WithFile("validation.npz", LineReader.Samples(2))
        .WithModel("reader.onnx", [("Quantize", "int8"), ("Calibration", "lines.npz"), ("Validation", "validation.npz"), ("Keys", "keys.txt"), .. metadata]);
}
