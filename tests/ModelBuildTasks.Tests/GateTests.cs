using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Tests.Harness;
using ModelBuildTasks.Tests.Models;

namespace ModelBuildTasks.Tests;

/// <summary>Gates read the report: they fail, warn or keep quiet, and never make a build compress.</summary>
[TestClass]
public sealed class GateTests
{
    /// <summary>Higher than int8 can reach.</summary>
    private const string UnreachableSqnr = "120";

    [TestMethod]
    public void A_failed_gate_fails_again_without_compressing_again()
    {
        var project = TestProject.WithClassifier(("MinSqnr", UnreachableSqnr));
        project.Build().ShouldCompress().ShouldFailWith(DiagnosticCodes.SqnrGateFailed);

        project.Build().ShouldNotCompress().ShouldFailWith(DiagnosticCodes.SqnrGateFailed);
    }

    [TestMethod]
    public void A_failed_gate_stops_the_build_before_the_compiler()
    {
        var project = TestProject.WithClassifier(("MinSqnr", UnreachableSqnr));

        project.Build().ShouldFailWith(DiagnosticCodes.SqnrGateFailed);

        Assert.IsFalse(File.Exists(project.AssemblyPath));
    }

    [TestMethod]
    public void The_error_names_the_limit_the_value_and_what_to_do()
    {
        var error = TestProject.WithClassifier(("MaxSize", "1KB")).Build().ShouldFailWith(DiagnosticCodes.SizeGateFailed);

        Assert.Contains("MaxSize", error.Message);
        Assert.Contains("digits", error.Message + error.File);
    }

    [TestMethod]
    public void A_size_may_be_a_percentage_of_the_original()
    {
        var project = TestProject.WithClassifier(("MaxSize", "5%"));
        project.Build().ShouldFailWith(DiagnosticCodes.SizeGateFailed);
        project.Models[0]["MaxSize"] = "95%";

        project.Build().ShouldSucceed().ShouldNotCompress();
    }

    [TestMethod]
    public void A_model_that_lost_its_accuracy_fails_the_build()
    {
        var project = new TestProject()
            .WithFile("fragile.onnx", FragileModel.Bytes)
            .WithFile("fragile.npz", FragileModel.Samples)
            .WithModel("fragile.onnx", ("Quantize", "int8"), ("Calibration", "fragile.npz"), ("MaxAccuracyDrop", "0.01"));

        project.Build().ShouldFailWith(DiagnosticCodes.AccuracyGateFailed);
    }

    [TestMethod]
    public void A_latency_gate_that_failed_is_measured_again()
    {
        var project = TestProject.WithClassifier(("MaxLatencyRatio", "0.001"));
        project.Build().ShouldFailWith(DiagnosticCodes.LatencyGateFailed);

        project.Build().ShouldCompress().ShouldFailWith(DiagnosticCodes.LatencyGateFailed);
    }

    [TestMethod]
    public void Changing_a_threshold_compresses_nothing()
    {
        var project = TestProject.WithClassifier(("MinSqnr", UnreachableSqnr));
        project.Build().ShouldFailWith(DiagnosticCodes.SqnrGateFailed);
        project.Models[0]["MinSqnr"] = "5";

        project.Build().ShouldSucceed().ShouldNotCompress();
    }

    [TestMethod]
    public void With_AiModelGates_warn_a_failed_gate_warns_with_the_same_code()
    {
        var project = TestProject.WithClassifier(("MinSqnr", UnreachableSqnr));

        project.Build("-p:AiModelGates=warn").ShouldWarnWith(DiagnosticCodes.SqnrGateFailed);
        project.Build("-p:AiModelGates=warn").ShouldNotCompress().ShouldWarnWith(DiagnosticCodes.SqnrGateFailed);
    }

    [TestMethod]
    public void With_AiModelGates_off_a_failed_gate_is_quiet()
    {
        var result = TestProject.WithClassifier(("MinSqnr", UnreachableSqnr)).Build("-p:AiModelGates=off").ShouldSucceed();

        Assert.IsEmpty(result.Log.Warnings);
    }

    [TestMethod]
    public void With_OnRegression_warn_a_failed_gate_warns_with_the_same_code()
    {
        var project = TestProject.WithClassifier(("MinSqnr", UnreachableSqnr), ("OnRegression", "warn"));

        project.Build().ShouldWarnWith(DiagnosticCodes.SqnrGateFailed);
    }

    [TestMethod]
    public void Gates_that_hold_are_in_the_report()
    {
        var project = TestProject.WithClassifier(("MinSqnr", "5"), ("MaxSize", "95%"));

        project.Build().ShouldSucceed();

        var gates = Report.Read(project.Output("digits.report.json")).GetProperty("gates").EnumerateArray().ToDictionary(gate => gate.GetProperty("name").GetString()!, gate => gate.GetProperty("passed").GetBoolean());
        Assert.IsTrue(gates["MinSqnr"]);
        Assert.IsTrue(gates["MaxSize"]);
    }
}
