using Google.Protobuf;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Tests.Harness;
using ModelBuildTasks.Tests.Models;

namespace ModelBuildTasks.Tests;

/// <summary>A bad item is one clear error that points at the project; earlier results stay.</summary>
[TestClass]
public sealed class BadMetadataTests
{
    private static GoodThenBad project = null!;

    [ClassInitialize]
    public static void Build(TestContext context) => project = new GoodThenBad();

    [TestMethod]
    [DataRow("Quantize", "int9")]
    [DataRow("Prune", "half")]
    [DataRow("PruneMethod", "best")]
    [DataRow("Share", "many")]
    [DataRow("Recover", "pray")]
    [DataRow("CalibrationMethod", "guess")]
    [DataRow("Mean", "a,b")]
    [DataRow("Layout", "HCNW")]
    [DataRow("Size", "large")]
    [DataRow("Metric", "top3")]
    [DataRow("OptimizeFor", "fame")]
    [DataRow("Effort", "none")]
    [DataRow("Format", "tflite")]
    [DataRow("MaxSize", "small")]
    [DataRow("MaxAccuracyDrop", "none")]
    [DataRow("MinSqnr", "high")]
    [DataRow("MaxLatencyRatio", "fast")]
    [DataRow("OnRegression", "ignore")]
    [DataRow("IntegerOnly", "maybe")]
    [DataRow("Load", "Magic")]
    [DataRow("ResourceCompression", "zip")]
    public void An_unknown_value(string metadata, string value)
    {
        var error = project.ShouldFail(DiagnosticCodes.MetadataValueUnknown, "App.csproj", (_, item) => item[metadata] = value);

        Assert.Contains(metadata, error.Message);
        Assert.Contains(value, error.Message);
    }

    [TestMethod]
    [DataRow("Prune", "1.5")]
    [DataRow("Prune", "-0.1")]
    [DataRow("MaxAccuracyDrop", "1.5")]
    [DataRow("MaxAccuracyDrop", "-0.1")]
    [DataRow("MaxLatencyRatio", "-1")]
    [DataRow("Share", "0")]
    public void A_number_out_of_its_range(string metadata, string value)
    {
        var error = project.ShouldFail(DiagnosticCodes.MetadataValueOutOfRange, "App.csproj", (_, item) => item[metadata] = value);

        Assert.Contains(metadata, error.Message);
        Assert.Contains(value, error.Message);
    }

    [TestMethod]
    [DataRow("Quantize", "int8-dynamic")]
    [DataRow("Quantize", "int4-weights")]
    [DataRow("Quantize", "int16")]
    [DataRow("Quantize", "fp16")]
    [DataRow("Quantize", "auto")]
    [DataRow("Prune", "0.5")]
    [DataRow("Prune", "2:4")]
    [DataRow("Share", "16")]
    [DataRow("Recover", "finetune")]
    [DataRow("CalibrationMethod", "entropy")]
    [DataRow("Metric", "ctc")]
    [DataRow("Format", "qoperator")]
    [DataRow("Format", "ort")]
    [DataRow("IntegerOnly", "true")]
    [DataRow("Device", "cortex-m4")]
    [DataRow("Load", "File")]
    [DataRow("Effort", "best")]
    [DataRow("OptimizeFor", "size")]
    [DataRow("ResourceCompression", "brotli")]
    [DataRow("Baseline", "baseline.json")]
    public void A_technique_that_is_not_built_yet(string metadata, string value)
    {
        var error = project.ShouldFail(DiagnosticCodes.TechniqueNotAvailable, "App.csproj", (_, item) => item[metadata] = value);

        Assert.Contains(metadata, error.Message);
        Assert.Contains(value, error.Message);
    }

    [TestMethod]
    public void Every_default_of_the_contract_may_be_written_out()
    {
        (string Name, string Value)[] defaults =
        [
            ("Quantize", "none"), ("Prune", "none"), ("PruneMethod", "auto"), ("Share", "none"), ("Recover", "none"), ("Name", "digits"), ("CalibrationMethod", "auto"), ("Metric", "auto"),
            ("MaxAccuracyDrop", "0.01"), ("OptimizeFor", "latency"), ("Effort", "balanced"), ("Format", "qdq"), ("OnRegression", "error"), ("Device", "auto"), ("IntegerOnly", "false"),
            ("Load", "Embedded"), ("ResourceCompression", "auto"), ("LogicalName", "AiModels.digits.onnx"),
        ];

        new TestProject().WithFile("digits.onnx", Classifier.Bytes).WithModel("digits.onnx", defaults).Build().ShouldSucceed();
    }

    [TestMethod]
    public void Two_items_of_one_name() => project.ShouldFail(DiagnosticCodes.DuplicateName, "App.csproj", (project, _) =>
        project.WithFile("other/digits.onnx", Classifier.OtherBytes).WithModel("other/digits.onnx"));

    [TestMethod]
    public void Two_names_that_make_one_identifier() => project.ShouldFail(DiagnosticCodes.DuplicateName, "App.csproj", (project, _) =>
        project.WithFile("Digits.onnx", Classifier.OtherBytes).WithModel("Digits.onnx", ("Name", "Digits")));

    [TestMethod]
    public void Two_items_of_one_resource_name() => project.ShouldFail(DiagnosticCodes.DuplicateName, "App.csproj", (project, _) =>
        project.WithFile("letters.onnx", Classifier.OtherBytes).WithModel("letters.onnx", ("LogicalName", "AiModels.digits.onnx")));

    [TestMethod]
    public void Resources_beyond_2_GiB_in_total()
    {
        project.ShouldFail(
            DiagnosticCodes.ResourcesTooLarge,
            "App.csproj",
            (project, item) =>
            {
                foreach (var name in new[] { "large1", "large2" })
                {
                    project.WithModel($"{name}.onnx");
                    SparseModel.Write(project.InFolder($"{name}.onnx"), 1_200_000_000);
                }
            },
            "-p:AiModelCompressionEnabled=false");
    }

    [TestMethod]
    [DataRow("sometimes")]
    public void An_unknown_value_of_AiModelGates(string value) =>
        project.ShouldFail(DiagnosticCodes.MetadataValueUnknown, "App.csproj", (_, _) => { }, $"-p:AiModelGates={value}");
}
