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
        var page = File.ReadLines(Path.Combine(SuiteRun.Repository, "docs", "diagnostics.md")).ToHashSet();
        var codes = typeof(DiagnosticCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!);

        Assert.IsEmpty(codes.Where(code => !page.Contains($"### {code}")));
    }

    [TestMethod]
    public void Every_option_of_the_contract_is_in_the_metadata_page()
    {
        string[] options =
        [
            "Quantize", "Prune", "PruneMethod", "Share", "ShareChannels", "Recover", "Teacher", "TrainingData", "Epochs", "Calibration", "Validation", "Name", "CalibrationMethod", "Ranges", "Mean", "Std", "Layout", "Size",
            "Metric", "Keys", "MaxAccuracyDrop", "MinSqnr", "OptimizeFor", "Effort", "Format", "MaxSize", "MaxLatencyRatio", "Baseline", "OnRegression", "Device", "KeepFloat", "IntegerOnly", "Load",
            "ResourceCompression", "LogicalName", "AiModelGates", "AiModelCompressionEnabled", "AiModelCacheDirectory", "AiModelMaxParallelism",
        ];
        var firstCells = File.ReadLines(Path.Combine(SuiteRun.Repository, "docs", "metadata.md")).Where(line => line.StartsWith('|')).Select(line => line.Split('|')[1]);
        var documented = firstCells.SelectMany(cell => cell.Split([' ', ',', '○', '`'], StringSplitOptions.RemoveEmptyEntries)).ToHashSet();

        Assert.IsEmpty(options.Where(option => !documented.Contains(option)));
    }
}
