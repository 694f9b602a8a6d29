using ModelBuildTasks.Tests.Harness;

namespace ModelBuildTasks.Tests;

/// <summary>The same model, options and ranges give the same bytes wherever they are built.</summary>
[TestClass]
public sealed class DeterminismTests
{
    [TestMethod]
    public void Two_copies_at_different_paths_with_the_same_ranges_give_the_same_bytes()
    {
        // Committed ranges tell nothing of how weights would be rounded by samples.
        var first = TestProject.WithClassifier(("Effort", "fast"));
        first.Build().ShouldSucceed();
        var ranges = File.ReadAllBytes(first.Output("digits.ranges.json"));
        var outputs = new[] { "a", "another/deeper/place" }.Select(place =>
        {
            var folder = Path.Combine(SuiteRun.NewFolder(), place);
            var copy = new TestProject(folder)
                .WithFile("digits.onnx", Models.Classifier.Bytes)
                .WithFile("digits.npz", Models.Classifier.Samples)
                .WithFile("digits.ranges.json", ranges)
                .WithModel("digits.onnx", ("Quantize", "int8"), ("Calibration", "digits.npz"), ("Ranges", "digits.ranges.json"));
            copy.Build().ShouldSucceed().ShouldCompress();
            return File.ReadAllBytes(copy.Output("digits.onnx"));
        }).ToArray();

        CollectionAssert.AreEqual(outputs[0], outputs[1]);
        CollectionAssert.AreEqual(File.ReadAllBytes(first.Output("digits.onnx")), outputs[0]);
    }

    [TestMethod]
    public void No_result_contains_a_path_of_the_machine()
    {
        var project = TestProject.WithClassifier();

        project.Build().ShouldSucceed();

        foreach (var file in new[] { "digits.onnx", "digits.report.json", "digits.report.html", "digits.ranges.json", "AiModels.g.cs" }.Select(project.Output))
        {
            Assert.IsFalse(System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(file)).Contains(SuiteRun.Folder, StringComparison.Ordinal), file);
        }
    }
}
