using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Tests.Harness;
using ModelBuildTasks.Tests.Models;

namespace ModelBuildTasks.Tests;

/// <summary>Every message links to its explanation, wherever it comes from.</summary>
[TestClass]
public sealed class HelpLinkTests
{
    [TestMethod]
    public void Of_an_item_that_is_wrong() => ShouldLink(DiagnosticCodes.MetadataValueUnknown, TestProject.WithClassifier(("Quantize", "int9")));

    [TestMethod]
    public void Of_a_model_that_cannot_be_compressed() => ShouldLink(DiagnosticCodes.NotAnOnnxModel, TestProject.WithClassifier().WithFile("digits.onnx", "no model"));

    [TestMethod]
    public void Of_a_gate_that_failed() => ShouldLink(DiagnosticCodes.SizeGateFailed, TestProject.WithClassifier(("MaxSize", "1KB")));

    [TestMethod]
    public void Of_a_warning() =>
        ShouldLink(DiagnosticCodes.AccuracyNotChecked, new TestProject().WithFile("digits.onnx", Classifier.Bytes).WithModel("digits.onnx", ("Quantize", "int8")));

    [TestMethod]
    public void Of_a_host_that_cannot_compress() => ShouldLink(DiagnosticCodes.SdkTooOld, TestProject.WithClassifier(), "-p:_AiModelMSBuildVersion=17.14.8");

    private static void ShouldLink(string code, TestProject project, params string[] arguments)
    {
        var file = project.InFolder("links.txt");

        project.Build([HelpLinkLogger.Argument(file), .. arguments]);

        var line = Assert.ContainsSingle(File.ReadAllLines(file));
        Assert.StartsWith($"{code} ", line);
        Assert.EndsWith($"docs/diagnostics.md#{code.ToLowerInvariant()}", line);
    }
}
