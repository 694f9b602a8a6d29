using ModelBuildTasks.Tests.Harness;
using ModelBuildTasks.Tests.Models;

namespace ModelBuildTasks.Tests;

/// <summary>The compressed model becomes a resource of the assembly.</summary>
[TestClass]
public sealed class EmbeddingTests
{
    [TestMethod]
    public void The_resource_is_the_compressed_model_byte_for_byte()
    {
        var project = TestProject.WithClassifier();

        project.Build().ShouldSucceed();

        var compressed = File.ReadAllBytes(project.Output("digits.onnx"));
        Assert.IsLessThan(Classifier.Bytes.Length / 2, compressed.Length);
        CollectionAssert.AreEqual(compressed, BuiltAssembly.Resource(project.AssemblyPath, "AiModels.digits.onnx"));
    }

    [TestMethod]
    public void LogicalName_names_the_resource()
    {
        var project = TestProject.WithClassifier(("LogicalName", "my/digits"));

        project.Build().ShouldSucceed();

        CollectionAssert.AreEqual(new[] { "my/digits" }, BuiltAssembly.ResourceNames(project.AssemblyPath));
    }

    [TestMethod]
    public void Name_names_the_outputs_and_the_resource()
    {
        var project = TestProject.WithClassifier(("Name", "numerals"));

        project.Build().ShouldSucceed();

        Assert.IsTrue(File.Exists(project.Output("numerals.onnx")));
        Assert.IsTrue(File.Exists(project.Output("numerals.report.json")));
        CollectionAssert.AreEqual(new[] { "AiModels.numerals.onnx" }, BuiltAssembly.ResourceNames(project.AssemblyPath));
    }

    [TestMethod]
    public void A_model_named_like_a_culture_stays_in_the_main_assembly()
    {
        var project = new TestProject().WithFile("m.fr.onnx", Classifier.Bytes).WithFile("digits.npz", Classifier.Samples)
            .WithModel("m.fr.onnx", ("Quantize", "int8"), ("Calibration", "digits.npz"));

        project.Build().ShouldSucceed();

        CollectionAssert.AreEqual(new[] { "AiModels.m.fr.onnx" }, BuiltAssembly.ResourceNames(project.AssemblyPath));
        Assert.IsFalse(Directory.Exists(project.InFolder("bin/Debug/net10.0/fr")));
    }

    [TestMethod]
    public void The_Compile_target_alone_embeds()
    {
        var project = TestProject.WithClassifier();
        project.Run(["restore"]).ShouldSucceed();

        project.Run(["msbuild", "-t:Compile"]).ShouldSucceed().ShouldCompress();

        CollectionAssert.AreEqual(File.ReadAllBytes(project.Output("digits.onnx")), BuiltAssembly.Resource(project.InFolder("obj/Debug/net10.0/App.dll"), "AiModels.digits.onnx"));
    }

    [TestMethod]
    public void With_compression_switched_off_the_source_is_embedded()
    {
        var project = TestProject.WithClassifier();

        project.Build("-p:AiModelCompressionEnabled=false").ShouldSucceed().ShouldNotCompress();

        CollectionAssert.AreEqual(Classifier.Bytes, BuiltAssembly.Resource(project.AssemblyPath, "AiModels.digits.onnx"));
    }

    [TestMethod]
    public void Switching_compression_on_again_embeds_the_compressed_model()
    {
        var project = TestProject.WithClassifier();
        project.Build("-p:AiModelCompressionEnabled=false").ShouldSucceed();

        project.Build().ShouldSucceed();

        CollectionAssert.AreEqual(File.ReadAllBytes(project.Output("digits.onnx")), BuiltAssembly.Resource(project.AssemblyPath, "AiModels.digits.onnx"));
    }

    [TestMethod]
    public void A_wildcard_makes_an_item_of_each_model()
    {
        var project = new TestProject().WithFile("models/a.onnx", Classifier.Bytes).WithFile("models/b.onnx", Classifier.OtherBytes).WithFile("digits.npz", Classifier.Samples)
            .WithModel("models/*.onnx", ("Quantize", "int8"), ("Calibration", "digits.npz"));

        project.Build().ShouldSucceed();

        CollectionAssert.AreEquivalent(new[] { "AiModels.a.onnx", "AiModels.b.onnx" }, BuiltAssembly.ResourceNames(project.AssemblyPath));
    }

    [TestMethod]
    public void The_build_says_in_one_line_what_became_of_the_model()
    {
        var result = TestProject.WithClassifier().Build().ShouldSucceed();

        var line = Assert.ContainsSingle(result.Log.Messages.Where(message => message.Contains("digits.onnx", StringComparison.Ordinal)));
        Assert.Contains("int8", line);
        Assert.Contains("top-1", line);
    }
}
