using System.Reflection;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Tests.Harness;

namespace ModelBuildTasks.Tests;

/// <summary>What a message links to, and what a user may write, is documented.</summary>
[TestClass]
public sealed class DocumentationTests
{
    [TestMethod]
    public void Every_code_has_its_place_in_the_diagnostics_page()
    {
        var page = File.ReadAllLines(Path.Combine(SuiteRun.Repository, "docs", "diagnostics.md"));
        var codes = typeof(DiagnosticCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!);

        foreach (var code in codes)
        {
            CollectionAssert.Contains(page, $"### {code}");
        }
    }

    [TestMethod]
    [DataRow("Quantize")]
    [DataRow("Calibration")]
    [DataRow("Validation")]
    [DataRow("Name")]
    [DataRow("Ranges")]
    [DataRow("Mean")]
    [DataRow("Std")]
    [DataRow("Layout")]
    [DataRow("Size")]
    [DataRow("Metric")]
    [DataRow("MaxAccuracyDrop")]
    [DataRow("MinSqnr")]
    [DataRow("MaxSize")]
    [DataRow("MaxLatencyRatio")]
    [DataRow("OnRegression")]
    [DataRow("Device")]
    [DataRow("KeepFloat")]
    [DataRow("Load")]
    [DataRow("LogicalName")]
    [DataRow("AiModelGates")]
    [DataRow("AiModelCompressionEnabled")]
    [DataRow("AiModelCacheDirectory")]
    [DataRow("AiModelMaxParallelism")]
    public void Every_option_is_in_the_metadata_page(string option) =>
        Assert.Contains($"`{option}`", File.ReadAllText(Path.Combine(SuiteRun.Repository, "docs", "metadata.md")));
}
