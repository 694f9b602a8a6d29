using System.IO.Compression;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Tests.Harness;
using ModelBuildTasks.Tests.Models;

namespace ModelBuildTasks.Tests.Resources;

/// <summary>ResourceCompression="brotli": the model is embedded packed, under a name that says so.</summary>
[TestClass]
public sealed class PackedResourceTests
{
    [TestMethod]
    public void The_resource_is_the_packed_model()
    {
        var project = PackedProject.Library();

        project.Build().ShouldSucceed();

        CollectionAssert.AreEqual(new[] { PackedProject.ResourceName }, BuiltAssembly.ResourceNames(project.AssemblyPath));
        var resource = BuiltAssembly.Resource(project.AssemblyPath, PackedProject.ResourceName);
        var model = File.ReadAllBytes(project.Output("digits.onnx"));
        Assert.IsLessThan(model.Length, resource.Length);
        CollectionAssert.AreEqual(model, Unpacked(resource));
    }

    [TestMethod]
    public void The_report_and_the_summary_tell_what_is_embedded()
    {
        var project = PackedProject.Library();

        var result = project.Build().ShouldSucceed();

        var report = Report.Read(project.Output("digits.report.json"));
        Assert.AreEqual(new FileInfo(project.Output("digits.onnx")).Length, report.GetProperty("compressedBytes").GetInt64());
        Assert.AreEqual(new FileInfo(project.Output("digits.onnx.br")).Length, report.GetProperty("packedBytes").GetInt64());
        Assert.IsGreaterThan(report.GetProperty("ratio").GetDouble(), report.GetProperty("packedRatio").GetDouble());
        Assert.Contains(" embedded (", Assert.ContainsSingle(result.Log.Messages.Where(message => message.Contains("digits.onnx", StringComparison.Ordinal))));
    }

    [TestMethod]
    public void A_model_in_ORT_format_keeps_its_extension_before_the_other()
    {
        var project = PackedProject.Library(("Format", "ort"));

        project.Build().ShouldSucceed();

        CollectionAssert.AreEqual(File.ReadAllBytes(project.Output("digits.ort")), Unpacked(BuiltAssembly.Resource(project.AssemblyPath, "AiModels.digits.ort.br")));
    }

    [TestMethod]
    [DataRow("my/digits", "my/digits.br")]
    [DataRow("my/digits.br", "my/digits.br")]
    public void A_name_that_was_chosen_tells_it_too(string logicalName, string expected)
    {
        var project = PackedProject.Library(("LogicalName", logicalName));

        project.Build().ShouldSucceed();

        CollectionAssert.AreEqual(new[] { expected }, BuiltAssembly.ResourceNames(project.AssemblyPath));
    }

    [TestMethod]
    public void Each_variant_of_a_library_is_packed()
    {
        var project = PackedProject.Library();
        project.Device = null;

        project.Build().ShouldSucceed();

        CollectionAssert.AreEquivalent(
            new[] { "AiModels.digits.arm.onnx.br", "AiModels.digits.arm64.onnx.br", "AiModels.digits.x64.onnx.br" },
            BuiltAssembly.ResourceNames(project.AssemblyPath));
        foreach (var variant in new[] { "arm", "arm64", "x64" })
        {
            CollectionAssert.AreEqual(File.ReadAllBytes(project.Output($"digits.{variant}.onnx")), Unpacked(BuiltAssembly.Resource(project.AssemblyPath, $"AiModels.digits.{variant}.onnx.br")));
        }
    }

    [TestMethod]
    public void Variants_that_are_equal_are_embedded_once()
    {
        // Nothing in it computes on bytes, whatever the processor is.
        var project = PackedProject.Library(("KeepFloat", "*"));
        project.Device = null;

        project.Build().ShouldSucceed();

        CollectionAssert.AreEqual(new[] { "AiModels.digits.x64.onnx.br" }, BuiltAssembly.ResourceNames(project.AssemblyPath));
    }

    [TestMethod]
    public void With_compression_switched_off_the_source_is_embedded_as_it_is()
    {
        var project = PackedProject.Library();
        project.Build().ShouldSucceed();

        project.Build("-p:AiModelCompressionEnabled=false").ShouldSucceed().ShouldNotCompress();

        CollectionAssert.AreEqual(Classifier.Bytes, BuiltAssembly.Resource(project.AssemblyPath, "AiModels.digits.onnx"));
    }

    [TestMethod]
    public void The_gate_of_the_size_is_about_what_is_embedded()
    {
        var project = PackedProject.Library();
        project.Build().ShouldSucceed();
        project.Models[0]["MaxSize"] = $"{new FileInfo(project.Output("digits.onnx.br")).Length}";

        project.Build().ShouldSucceed().ShouldNotCompress();

        project.Models[0]["ResourceCompression"] = "none";
        project.Build().ShouldFailWith(DiagnosticCodes.SizeGateFailed);
    }

    [TestMethod]
    public void A_model_beside_the_application_contradicts_it()
    {
        var error = PackedProject.Library(("Load", "File")).Build().ShouldFailWith(DiagnosticCodes.MetadataContradicts);

        Assert.Contains("ResourceCompression=\"brotli\"", error.Message);
        Assert.EndsWith("App.csproj", error.File);
    }

    [TestMethod]
    public void A_framework_without_Brotli_is_a_clear_error()
    {
        var error = PackedProject.Library().WithProperty("TargetFramework", "netstandard2.0").Build().ShouldFailWith(DiagnosticCodes.FrameworkWithoutBrotli);

        Assert.Contains("netstandard2.0", error.Message);
        Assert.EndsWith("App.csproj", error.File);
    }

    private static byte[] Unpacked(byte[] packed)
    {
        using var stream = new BrotliStream(new MemoryStream(packed), CompressionMode.Decompress);
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return content.ToArray();
    }
}
