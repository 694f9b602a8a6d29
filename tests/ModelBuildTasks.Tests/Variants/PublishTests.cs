using ModelBuildTasks.Tests.Harness;

namespace ModelBuildTasks.Tests.Variants;

/// <summary>`dotnet publish -r` embeds the variant that the target runs best, in every way of publishing.</summary>
[TestClass]
public sealed class PublishTests
{
    private const string Resource = "AiModels.digits.onnx";

    [TestMethod]
    public void Each_target_gets_its_numeric_formats_and_equal_ones_are_compressed_once()
    {
        var project = VariantProject.Application().WithProperty("SelfContained", "false");
        (string RuntimeIdentifier, string Format)[] targets = [("linux-x64", Formats.Unsigned), ("linux-arm64", Formats.Signed), ("win-x64", Formats.Unsigned), ("osx-arm64", Formats.Signed)];

        foreach (var (runtimeIdentifier, format) in targets)
        {
            Publish(project, runtimeIdentifier);

            var model = BuiltAssembly.Resource(project.InFolder($"out/{runtimeIdentifier}/App.dll"), Resource);
            Assert.AreEqual(format, Formats.OfActivations(model), runtimeIdentifier);
            CollectionAssert.AreEqual(File.ReadAllBytes(project.InFolder($"obj/Release/net10.0/{runtimeIdentifier}/aimodels/digits.onnx")), model);
        }

        Assert.HasCount(1, Directory.GetFiles(project.InFolder("obj/aimodels/ranges")), "One calibration for all.");
        Assert.HasCount(2, Directory.GetFiles(project.InFolder("obj/aimodels/models"), "*.onnx"), "One compression for each kind.");
    }

    [TestMethod]
    public void The_x64_variant_keeps_pairs_of_weights_below_saturation_and_the_VNNI_variant_uses_the_whole_range()
    {
        var project = VariantProject.Application().WithModel("digits.onnx", ("Name", "whole"), ("Quantize", "int8"), ("Calibration", "digits.npz"), ("Device", "x64-vnni"));

        Publish(project, "linux-x64");

        var assembly = project.InFolder("out/linux-x64/App.dll");
        Assert.IsLessThanOrEqualTo(128, Formats.LargestPair(BuiltAssembly.Resource(assembly, Resource)));
        Assert.IsGreaterThan(128, Formats.LargestPair(BuiltAssembly.Resource(assembly, "AiModels.whole.onnx")));
    }

    [TestMethod]
    [DataRow("linux-arm64", Formats.Signed)]
    [DataRow("win-x64", Formats.Unsigned)]
    public void Self_contained(string runtimeIdentifier, string format)
    {
        var project = VariantProject.Application();

        Publish(project, runtimeIdentifier, "--self-contained");

        Assert.AreEqual(format, Formats.OfActivations(BuiltAssembly.Resource(project.InFolder($"out/{runtimeIdentifier}/App.dll"), Resource)));
        Delete(project);
    }

    [TestMethod]
    [DataRow("linux-arm64", Formats.Signed)]
    [DataRow("linux-x64", Formats.Unsigned)]
    [DataRow("osx-arm64", Formats.Signed)]
    public void Single_file(string runtimeIdentifier, string format)
    {
        var project = VariantProject.Application();

        Publish(project, runtimeIdentifier, "-p:PublishSingleFile=true", "--self-contained", "false");

        var model = File.ReadAllBytes(project.InFolder($"obj/Release/net10.0/{runtimeIdentifier}/aimodels/digits.onnx"));
        Assert.AreEqual(format, Formats.OfActivations(model));
        Assert.IsFalse(File.Exists(project.InFolder($"out/{runtimeIdentifier}/App.dll")));
        Assert.IsGreaterThanOrEqualTo(0, File.ReadAllBytes(project.InFolder($"out/{runtimeIdentifier}/App")).AsSpan().IndexOf(model), "The file holds the model.");
        Delete(project);
    }

    [TestMethod]
    public void A_class_library_keeps_the_promise_although_it_has_no_identifier()
    {
        var folder = SuiteRun.NewFolder();
        var library = new TestProject(Path.Combine(folder, "Library"), "Library") { Device = null }
            .WithFile("digits.onnx", Models.Classifier.Bytes)
            .WithFile("digits.npz", Models.Classifier.Samples)
            .WithFile("Reader.cs", "public static class Reader { public static string Summary { get { return Library.AiModels.Digits.Summary; } } }")
            .WithModel("digits.onnx", ("Quantize", "int8"), ("Calibration", "digits.npz"))
            .Write();
        var application = new TestProject(Path.Combine(folder, "App"))
            .WithProperty("OutputType", "Exe")
            .WithItem("ProjectReference", "../Library/Library.csproj")
            .WithFile("Program.cs", "System.Console.WriteLine(Reader.Summary);");

        Publish(application, "linux-arm64", "--self-contained", "false");

        var assembly = application.InFolder("out/linux-arm64/Library.dll");
        CollectionAssert.AreEquivalent(new[] { "AiModels.digits.arm.onnx", "AiModels.digits.arm64.onnx", "AiModels.digits.x64.onnx" }, BuiltAssembly.ResourceNames(assembly));
        Assert.AreEqual(Formats.Signed, Formats.OfActivations(BuiltAssembly.Resource(assembly, "AiModels.digits.arm64.onnx")));
        Assert.AreEqual(Formats.Unsigned, Formats.OfActivations(BuiltAssembly.Resource(assembly, "AiModels.digits.x64.onnx")));
        _ = library;
    }

    [TestMethod]
    public void Multi_targeting()
    {
        var project = VariantProject.Application().WithProperty("TargetFramework", "").WithProperty("TargetFrameworks", "net10.0;net9.0").WithProperty("UseAppHost", "false");

        Publish(project, "linux-arm64", "--self-contained", "false", "-f", "net10.0");

        Assert.AreEqual(Formats.Signed, Formats.OfActivations(BuiltAssembly.Resource(project.InFolder("out/linux-arm64/App.dll"), Resource)));
    }

    [TestMethod]
    public void The_artifacts_layout()
    {
        var project = VariantProject.Application().WithFile("Directory.Build.props", "<Project><PropertyGroup><UseArtifactsOutput>true</UseArtifactsOutput></PropertyGroup></Project>");

        project.Run(["publish", "-r", "linux-arm64", "--self-contained", "false"]).ShouldSucceed();
        project.Run(["publish", "-r", "linux-x64", "--self-contained", "false"]).ShouldSucceed();

        Assert.AreEqual(Formats.Signed, Formats.OfActivations(BuiltAssembly.Resource(project.InFolder("artifacts/publish/App/release_linux-arm64/App.dll"), Resource)));
        Assert.AreEqual(Formats.Unsigned, Formats.OfActivations(BuiltAssembly.Resource(project.InFolder("artifacts/publish/App/release_linux-x64/App.dll"), Resource)));
    }

    [TestMethod]
    public void A_latency_gate_is_not_judged_on_another_kind_of_processor()
    {
        var project = VariantProject.Application(("MaxLatencyRatio", "0.001"));

        var warning = project.Run(["publish", "-c", "Release", "-r", "linux-arm64", "--self-contained", "false"]).ShouldWarnWith(Compression.Diagnostics.DiagnosticCodes.LatencyNotChecked);

        Assert.Contains("arm64", warning.Message);
    }

    [TestMethod]
    public void No_speed_is_told_of_a_processor_that_is_not_at_hand()
    {
        var project = VariantProject.Application().WithProperty("UseAppHost", "false");

        Publish(project, "linux-riscv64", "--self-contained", "false");

        Assert.Contains("\"latency\": null", File.ReadAllText(project.InFolder("obj/Release/net10.0/linux-riscv64/aimodels/digits.report.json")));
    }

    [TestMethod]
    public void A_profile_of_the_project_decides_the_format()
    {
        var project = VariantProject.Application().WithItem("AiDeviceProfile", "linux-arm64", ("Activations", "uint8"));

        Publish(project, "linux-arm64", "--self-contained", "false");

        Assert.AreEqual(Formats.Unsigned, Formats.OfActivations(BuiltAssembly.Resource(project.InFolder("out/linux-arm64/App.dll"), Resource)));
    }

    [TestMethod]
    public void The_packages_cost_table_decides_what_computes_on_bytes()
    {
        var project = VariantProject.Application();
        project.HasCosts = true;

        Publish(project, "linux-x64", "--self-contained", "false");

        Assert.Contains("the cost table has its region of ", File.ReadAllText(project.InFolder("obj/Release/net10.0/linux-x64/aimodels/digits.report.json")));
    }

    [TestMethod]
    public void Another_cost_table_compresses_again()
    {
        var project = VariantProject.Application();
        project.HasCosts = true;
        var shipped = File.ReadAllText(Path.Combine(SuiteRun.Repository, "build", "costs", "x64.json"));
        project.WithFile("costs.json", shipped).WithItem("AiDeviceProfile", "linux-x64", ("PairBound", "true"), ("Costs", "costs.json"));
        Publish(project, "linux-x64", "--self-contained", "false");
        Publish(project, "linux-x64", "--self-contained", "false").ShouldNotCompress();

        project.WithFile("costs.json", shipped.Replace("\"start\": ", "\"start\": 1", StringComparison.Ordinal));

        Publish(project, "linux-x64", "--self-contained", "false").ShouldCompress();
    }

    [TestMethod]
    public void A_damaged_cost_table_is_one_error()
    {
        var project = VariantProject.Application();
        project.HasCosts = true;
        project.WithFile("costs.json", "{ \"format\": 1, ").WithItem("AiDeviceProfile", "linux-x64", ("Costs", "costs.json"));

        var error = project.Run(["publish", "-r", "linux-x64", "--self-contained", "false"]).ShouldFailWith(Compression.Diagnostics.DiagnosticCodes.CostTableInvalid);

        Assert.EndsWith("costs.json", error.File);
    }

    [TestMethod]
    public void A_missing_cost_table_is_one_error()
    {
        var project = VariantProject.Application();
        project.HasCosts = true;
        project.WithItem("AiDeviceProfile", "linux-x64", ("Costs", "missing.json"));

        var error = project.Run(["publish", "-r", "linux-x64", "--self-contained", "false"]).ShouldFailWith(Compression.Diagnostics.DiagnosticCodes.CostTableInvalid);

        Assert.Contains("AiDeviceProfile", error.Message);
    }

    [TestMethod]
    public void Changing_a_profile_compresses_again()
    {
        var project = VariantProject.Application();
        Publish(project, "linux-arm64", "--self-contained", "false");
        Publish(project, "linux-arm64", "--self-contained", "false").ShouldNotCompress();

        project.WithItem("AiDeviceProfile", "linux-arm64", ("Activations", "uint8"));

        Publish(project, "linux-arm64", "--self-contained", "false").ShouldCompress();
    }

    private static BuildResult Publish(TestProject project, string runtimeIdentifier, params string[] arguments) =>
        project.Run(["publish", "-c", "Release", "-r", runtimeIdentifier, "-o", project.InFolder($"out/{runtimeIdentifier}"), .. arguments]).ShouldSucceed();

    // Each is 70 MB and more.
    private static void Delete(TestProject project)
    {
        Directory.Delete(project.InFolder("out"), recursive: true);
        Directory.Delete(project.InFolder("bin"), recursive: true);
    }
}
