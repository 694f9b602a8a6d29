using System.Security.Cryptography;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Tests.Harness;

namespace ModelBuildTasks.Tests.Variants;

/// <summary>Where several variants are embedded, the accessor opens the one that the processor runs best.</summary>
[TestClass]
public sealed class RunTimeChoiceTests
{
    private static string Chosen => HostProcessor.Architecture != "x64" ? HostProcessor.Architecture : HostProcessor.AddsProductsExactly ? "x64-vnni" : "x64";

    [TestMethod]
    public void The_accessor_chooses_by_architecture_and_VNNI()
    {
        var project = VariantProject.Application().WithProperty("RuntimeIdentifiers", "linux-x64;linux-arm64;osx-arm64").WithProperty("UseAppHost", "false");

        project.Build().ShouldSucceed();
        var run = project.RunProgram().ShouldSucceed();

        var lines = run.Output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains($" {Chosen}: int8", lines[0]);
        Assert.AreEqual(Hash(project, Chosen), lines[1]);
    }

    [TestMethod]
    public void Variants_that_share_a_file_tell_each_processor_its_own_report()
    {
        // On arm and on x64 with VNNI the bytes are the same, but the version makes the profiles different ones.
        var folder = SuiteRun.NewFolder();
        var library = new TestProject(Path.Combine(folder, "Library"), "Library") { Device = null }
            .WithFile("digits.onnx", Models.Classifier.Bytes)
            .WithFile("digits.npz", Models.Classifier.Samples)
            .WithModel("digits.onnx", ("Quantize", "int8"), ("Calibration", "digits.npz"))
            .WithItem("AiDeviceProfile", "x64-vnni", ("Architectures", "x64"), ("Vnni", "true"), ("OnnxRuntime", "1.25"))
            .WithFile("Reader.cs", "public static class Reader { public static string Summary { get { return Library.AiModels.Digits.Summary; } } public static byte[] Model { get { return Library.AiModels.Digits.ReadAllBytes(); } } }")
            .Write();
        var application = new TestProject(Path.Combine(folder, "App"))
            .WithProperty("OutputType", "Exe")
            .WithProperty("UseAppHost", "false")
            .WithItem("ProjectReference", "../Library/Library.csproj")
            .WithFile("Program.cs", "System.Console.WriteLine(Reader.Summary); System.Console.WriteLine(System.Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(Reader.Model)));");

        application.Build().ShouldSucceed();
        var run = application.RunProgram().ShouldSucceed();

        CollectionAssert.AreEquivalent(new[] { "AiModels.digits.arm.onnx", "AiModels.digits.arm64.onnx", "AiModels.digits.x64.onnx" }, BuiltAssembly.ResourceNames(library.AssemblyPath));
        Assert.Contains($" {Chosen}: int8", run.Output);
        Assert.Contains(Hash(library, Chosen), run.Output);
    }

    [TestMethod]
    public void Without_VNNI_it_is_the_variant_that_never_saturates()
    {
        if (HostProcessor.Architecture != "x64")
        {
            Assert.Inconclusive("This processor is no x64.");
        }

        var project = VariantProject.Application().WithProperty("RuntimeIdentifiers", "linux-x64").WithProperty("UseAppHost", "false");

        project.Build().ShouldSucceed();
        var run = DotnetCommand.Run(project.Folder, ["exec", project.AssemblyPath], new Dictionary<string, string?> { ["DOTNET_EnableAVX2"] = "0" }).ShouldSucceed();

        Assert.Contains(Hash(project, "x64"), run.Output);
    }

    [TestMethod]
    [DataRow("net8.0")]
    [DataRow("netstandard2.0")]
    public void The_code_that_chooses_is_CSharp_7_3_without_warnings(string framework) => VariantProject.Library()
        .WithProperty("TargetFramework", framework)
        .WithProperty("LangVersion", "7.3")
        .WithProperty("TreatWarningsAsErrors", "true")
        .WithProperty("AnalysisMode", "All")
        .WithProperty("DisableTransitiveFrameworkReferenceDownloads", "true")
        .Build().ShouldSucceed();

    [TestMethod]
    public void Variants_that_are_equal_after_all_are_embedded_once()
    {
        // Nothing in it computes on bytes, whatever the processor is.
        var project = VariantProject.Library(("KeepFloat", "*"));

        project.Build().ShouldSucceed();

        CollectionAssert.AreEqual(new[] { "AiModels.digits.x64.onnx" }, BuiltAssembly.ResourceNames(project.AssemblyPath));
    }

    [TestMethod]
    public void A_library_compresses_its_variants_in_one_run_and_stays_up_to_date()
    {
        var project = VariantProject.Library();

        project.Build().ShouldSucceed().ShouldCompress();
        project.Build().ShouldSucceed().ShouldNotCompress();

        CollectionAssert.AreEquivalent(
            new[] { "digits.arm.onnx", "digits.arm64.onnx", "digits.x64.onnx" },
            Directory.GetFiles(project.OutputFolder, "*.onnx").Select(Path.GetFileName).ToArray());
        Assert.HasCount(1, Directory.GetFiles(project.InFolder("obj/aimodels/ranges")));
    }

    [TestMethod]
    public void With_compression_switched_off_the_source_is_embedded_once()
    {
        var project = VariantProject.Library();

        project.Build("-p:AiModelCompressionEnabled=false").ShouldSucceed().ShouldNotCompress();

        CollectionAssert.AreEqual(Models.Classifier.Bytes, BuiltAssembly.Resource(project.AssemblyPath, "AiModels.digits.onnx"));
    }

    private static string Hash(TestProject project, string variant) => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(project.Output($"digits.{variant}.onnx"))));
}
