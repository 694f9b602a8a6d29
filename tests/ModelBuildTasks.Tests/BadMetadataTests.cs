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
    public void An_unknown_value() => project.ShouldFail(DiagnosticCodes.MetadataValueUnknown, "App.csproj", (_, item) => item["Quantize"] = "int9");

    [TestMethod]
    [DataRow("1.5")]
    [DataRow("-0.5")]
    public void Prune_outside_0_to_1(string value) => project.ShouldFail(DiagnosticCodes.MetadataValueOutOfRange, "App.csproj", (_, item) => item["Prune"] = value);

    [TestMethod]
    public void A_technique_that_is_not_built_yet() => project.ShouldFail(DiagnosticCodes.TechniqueNotAvailable, "App.csproj", (_, item) => item["Recover"] = "finetune");

    [TestMethod]
    public void Every_unknown_value_is_one_error() => ShouldAllFail(
        DiagnosticCodes.MetadataValueUnknown,
        [
            ("Quantize", "int9"), ("Prune", "half"), ("PruneMethod", "best"), ("Prune", "2:4:8"), ("Prune", "two:4"), ("Share", "many"), ("Share", "16.5"), ("ShareChannels", "all"), ("Recover", "pray"), ("CalibrationMethod", "guess"), ("Mean", "a,b"),
            ("Layout", "HCNW"), ("Size", "large"), ("Metric", "top3"), ("OptimizeFor", "fame"), ("Effort", "none"), ("Format", "tflite"), ("MaxSize", "small"),
            ("MaxAccuracyDrop", "none"), ("MinSqnr", "high"), ("MaxLatencyRatio", "fast"), ("OnRegression", "ignore"), ("IntegerOnly", "maybe"), ("Load", "Magic"),
            ("ResourceCompression", "zip"), ("Device", "cortex-m4"), ("BlockSize", "some"), ("Symmetric", "perhaps"),
        ]);

    [TestMethod]
    public void Every_number_out_of_its_range_is_one_error() => ShouldAllFail(
        DiagnosticCodes.MetadataValueOutOfRange,
        [
            ("Prune", "1.5"), ("Prune", "-0.1"), ("MaxAccuracyDrop", "1.5"), ("MaxAccuracyDrop", "-0.1"), ("MaxLatencyRatio", "-1"), ("Prune", "1"), ("Prune", "3:2"), ("Prune", "4:4"), ("Prune", "0:4"), ("Share", "0"), ("Share", "1"), ("Share", "257"), ("ShareChannels", "0"), ("BlockSize", "8"), ("BlockSize", "48"), ("BlockSize", "512"),
        ]);

    [TestMethod]
    public void Every_technique_that_is_not_built_yet_is_one_error() => ShouldAllFail(
        DiagnosticCodes.TechniqueNotAvailable,
        [
            ("PruneMethod", "variational"), ("Recover", "finetune"), ("Baseline", "baseline.json"),
        ]);

    [TestMethod]
    public void Every_default_of_the_contract_may_be_written_out()
    {
        (string Name, string Value)[] defaults =
        [
            ("Quantize", "none"), ("Prune", "none"), ("PruneMethod", "auto"), ("Share", "none"), ("ShareChannels", "none"), ("Recover", "none"), ("Name", "digits"), ("CalibrationMethod", "auto"), ("Metric", "auto"),
            ("MaxAccuracyDrop", "0.01"), ("OptimizeFor", "latency"), ("Effort", "balanced"), ("Format", "qdq"), ("OnRegression", "error"), ("Device", "auto"), ("IntegerOnly", "false"),
            ("Load", "Embedded"), ("ResourceCompression", "auto"), ("BlockSize", "32"), ("Symmetric", "true"), ("LogicalName", "AiModels.digits.onnx"),
        ];

        new TestProject().WithFile("digits.onnx", Classifier.Bytes).WithModel("digits.onnx", defaults).Build().ShouldSucceed();
    }

    [TestMethod]
    public void Every_calibration_method_is_a_value()
    {
        var project = new TestProject().WithFile("digits.onnx", Classifier.Bytes);
        foreach (var method in new[] { "auto", "minmax", "percentile", "entropy", "mse", "MSE" })
        {
            project.WithModel("digits.onnx", ("Name", $"digits{project.Models.Count}"), ("CalibrationMethod", method));
        }

        project.Build().ShouldSucceed();
    }

    [TestMethod]
    public void Every_effort_is_a_value()
    {
        var project = new TestProject().WithFile("digits.onnx", Classifier.Bytes);
        foreach (var effort in new[] { "fast", "balanced", "best", "Best" })
        {
            project.WithModel("digits.onnx", ("Name", $"digits{project.Models.Count}"), ("Effort", effort));
        }

        project.Build().ShouldSucceed();
    }

    [TestMethod]
    public void An_effort_that_there_is_not_names_those_there_are() => Assert.Contains(
        "Allowed values: balanced, fast, best",
        project.ShouldFail(DiagnosticCodes.MetadataValueUnknown, "App.csproj", (_, item) => item["Effort"] = "thorough").Message);

    [TestMethod]
    public void A_text_metric_without_keys() => project.ShouldFail(DiagnosticCodes.MetadataContradicts, "digits.onnx", (_, item) => item["Metric"] = "ctc");

    [TestMethod]
    public void Pruning_by_samples_without_any() => project.ShouldFail(DiagnosticCodes.MetadataContradicts, "digits.onnx", (_, item) =>
    {
        item["Prune"] = "0.5";
        item["PruneMethod"] = "obs";
        item["Calibration"] = "";
    });

    [TestMethod]
    public void A_pattern_of_zeros_where_whole_channels_go() => project.ShouldFail(DiagnosticCodes.MetadataContradicts, "digits.onnx", (_, item) =>
    {
        item["Prune"] = "2:4";
        item["PruneMethod"] = "structured";
    });

    [TestMethod]
    public void Keys_that_are_missing() => project.ShouldFail(DiagnosticCodes.KeysInvalid, "none.txt", (_, item) => item["Keys"] = "none.txt");

    [TestMethod]
    public void Keys_of_a_model_that_reads_no_text() => project.ShouldFail(DiagnosticCodes.MetadataValueUnknown, "digits.onnx", (project, item) =>
    {
        project.WithFile("keys.txt", "a\nb\n");
        item["Keys"] = "keys.txt";
        item["Metric"] = "ctc";
    });

    [TestMethod]
    public void Two_items_of_one_name() => project.ShouldFail(DiagnosticCodes.DuplicateName, "App.csproj", (project, _) =>
        project.WithFile("other/digits.onnx", Classifier.OtherBytes).WithModel("other/digits.onnx"));

    [TestMethod]
    public void Two_names_that_make_one_identifier() => project.ShouldFail(DiagnosticCodes.DuplicateName, "App.csproj", (project, _) =>
        project.WithFile("a_b.onnx", Classifier.OtherBytes).WithFile("a-b.onnx", Classifier.OtherBytes).WithModel("a_b.onnx").WithModel("a-b.onnx"));

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

    /// <summary>One build with an item for each value: each item is one error, and the error names the metadata and the value.</summary>
    private static void ShouldAllFail(string code, (string Metadata, string Value)[] values)
    {
        var project = new TestProject().WithFile("digits.onnx", Classifier.Bytes);
        foreach (var (metadata, value) in values)
        {
            project.WithModel("digits.onnx", ("Name", $"{metadata}{project.Models.Count}"), (metadata, value));
        }

        var errors = project.Build().Log.Errors;

        Assert.HasCount(values.Length, errors, string.Join('\n', errors));
        foreach (var (error, (metadata, value)) in errors.Zip(values))
        {
            Assert.AreEqual(code, error.Code, error.ToString());
            Assert.Contains($"{metadata}=\"{value}\"", error.Message);
            Assert.EndsWith("App.csproj", error.File);
        }
    }
}
