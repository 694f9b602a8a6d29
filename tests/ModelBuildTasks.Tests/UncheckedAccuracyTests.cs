using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Tests.Harness;
using ModelBuildTasks.Tests.Models;

namespace ModelBuildTasks.Tests;

/// <summary>Without data, the build says that nobody checked.</summary>
[TestClass]
public sealed class UncheckedAccuracyTests
{
    [TestMethod]
    public void Without_data_only_weights_are_quantized_and_the_build_warns_each_time()
    {
        var project = new TestProject().WithFile("digits.onnx", Classifier.Bytes).WithModel("digits.onnx", ("Quantize", "int8"));

        var warning = project.Build().ShouldCompress().ShouldWarnWith(DiagnosticCodes.AccuracyNotChecked);
        project.Build().ShouldNotCompress().ShouldWarnWith(DiagnosticCodes.AccuracyNotChecked);

        Assert.EndsWith("digits.onnx", warning.File);
        var report = Report.Read(project.Output("digits.report.json"));
        Assert.AreEqual("int8-weights", report.GetProperty("variant").GetString());
    }
}
