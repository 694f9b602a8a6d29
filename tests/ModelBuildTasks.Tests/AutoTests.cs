using System.Text.Json;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Tests.Harness;
using ModelBuildTasks.Tests.Models;

namespace ModelBuildTasks.Tests;

/// <summary>With Quantize="auto" thresholds steer a search: changing one searches again, and where nothing holds the gate names the layers that cost most.</summary>
[TestClass]
public sealed class AutoTests
{
    [TestMethod]
    public void What_steers_the_search_searches_again_and_an_unchanged_project_does_nothing()
    {
        var project = TestProject.WithClassifier(("Quantize", "auto"));
        project.Build().ShouldSucceed().ShouldCompress();
        Assert.AreEqual("latency", Search(project).GetProperty("optimizeFor").GetString());
        project.Build().ShouldSucceed().ShouldNotCompress();

        foreach (var (name, value) in new[] { ("MinSqnr", "20"), ("MaxAccuracyDrop", "0.005"), ("OptimizeFor", "size") })
        {
            project.Models[0][name] = value;
            project.Build().ShouldSucceed().ShouldCompress();
            project.Build().ShouldSucceed().ShouldNotCompress();
        }

        Assert.AreEqual("size", Search(project).GetProperty("optimizeFor").GetString());
        Assert.IsTrue(Search(project).GetProperty("met").GetBoolean());
    }

    [TestMethod]
    public void What_steers_the_search_compresses_nothing_with_int8()
    {
        var project = TestProject.WithClassifier();
        project.Build().ShouldSucceed().ShouldCompress();
        project.Models[0]["MinSqnr"] = "20";
        project.Models[0]["MaxAccuracyDrop"] = "0.005";
        project.Models[0]["OptimizeFor"] = "size";

        project.Build().ShouldSucceed().ShouldNotCompress();
    }

    [TestMethod]
    public void A_layer_that_bytes_would_ruin_gets_another_format()
    {
        var project = new TestProject()
            .WithFile("fragile.onnx", FragileModel.Bytes)
            .WithFile("fragile.npz", FragileModel.Samples)
            .WithModel("fragile.onnx", ("Quantize", "auto"), ("Calibration", "fragile.npz"), ("MaxAccuracyDrop", "0.01"));

        project.Build().ShouldSucceed();

        var report = Report.Read(project.Output("fragile.report.json"));
        Assert.AreEqual("int8-weights", report.GetProperty("variant").GetString());
        Assert.IsLessThanOrEqualTo(0.01, report.GetProperty("metric").GetProperty("drop").GetDouble());
    }

    [TestMethod]
    public void Where_nothing_holds_the_error_names_the_layers_that_cost_most_and_comes_again_without_a_search()
    {
        var project = TestProject.WithClassifier(("Quantize", "auto"), ("MinSqnr", "150"));

        var error = project.Build().ShouldCompress().ShouldFailWith(DiagnosticCodes.SqnrGateFailed);

        Assert.IsFalse(File.Exists(project.AssemblyPath));
        var search = Search(project);
        Assert.IsFalse(search.GetProperty("met").GetBoolean());
        var costly = search.GetProperty("layers").EnumerateArray().First();
        Assert.Contains($"most of the expected error comes from '{costly.GetProperty("name").GetString()}' ({costly.GetProperty("format").GetString()})", error.Message);
        Assert.Contains("MinSqnr asks for 150 dB", error.Message);
        Assert.AreEqual(error.Message, project.Build().ShouldNotCompress().ShouldFailWith(DiagnosticCodes.SqnrGateFailed).Message);
    }

    private static JsonElement Search(TestProject project) => Report.Read(project.Output("digits.report.json")).GetProperty("search");
}
