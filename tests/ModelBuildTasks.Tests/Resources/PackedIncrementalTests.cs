using ModelBuildTasks.Tests.Harness;
using ModelBuildTasks.Tests.Models;

namespace ModelBuildTasks.Tests.Resources;

/// <summary>A packed model is packed once, and asking for it makes no model again.</summary>
[TestClass]
public sealed class PackedIncrementalTests
{
    [TestMethod]
    public void A_second_build_starts_no_task_host_and_compiles_nothing()
    {
        var project = Built();
        var assembly = File.GetLastWriteTimeUtc(project.AssemblyPath);

        project.Build().ShouldSucceed().ShouldNotCompress();

        Assert.AreEqual(assembly, File.GetLastWriteTimeUtc(project.AssemblyPath));
    }

    [TestMethod]
    public void Touching_the_model_packs_nothing()
    {
        var project = Built();
        File.SetLastWriteTimeUtc(project.InFolder("digits.onnx"), DateTime.UtcNow);

        project.Build().ShouldSucceed().ShouldNotCompress();
    }

    [TestMethod]
    public void Switching_it_on_packs_and_makes_no_model_again()
    {
        var project = TestProject.WithClassifier(("ResourceCompression", "none"));
        project.Build().ShouldSucceed();
        project.Models[0]["ResourceCompression"] = "brotli";

        var result = project.Build("-v:detailed").ShouldSucceed().ShouldCompress();

        Assert.Contains("digits: pack", result.Output);
        Assert.DoesNotContain("digits: quantize", result.Output);
        CollectionAssert.AreEqual(new[] { PackedProject.ResourceName }, BuiltAssembly.ResourceNames(project.AssemblyPath));
    }

    [TestMethod]
    public void Switching_it_off_embeds_the_model_and_removes_what_was_packed()
    {
        var project = Built();
        project.Models[0]["ResourceCompression"] = "none";

        var result = project.Build("-v:detailed").ShouldSucceed();

        Assert.DoesNotContain("digits: quantize", result.Output);
        CollectionAssert.AreEqual(File.ReadAllBytes(project.Output("digits.onnx")), BuiltAssembly.Resource(project.AssemblyPath, "AiModels.digits.onnx"));
        Assert.IsFalse(File.Exists(project.Output("digits.onnx.br")));
    }

    [TestMethod]
    public void Switching_it_on_again_packs_nothing()
    {
        var project = Built();
        project.Models[0]["ResourceCompression"] = "none";
        project.Build().ShouldSucceed();
        project.Models[0]["ResourceCompression"] = "brotli";

        var result = project.Build("-v:detailed").ShouldSucceed();

        Assert.DoesNotContain("digits: pack", result.Output);
        CollectionAssert.AreEqual(new[] { PackedProject.ResourceName }, BuiltAssembly.ResourceNames(project.AssemblyPath));
    }

    [TestMethod]
    [DataRow(false, DisplayName = "deleted")]
    [DataRow(true, DisplayName = "changed")]
    public void What_was_packed_comes_back(bool changed)
    {
        var project = Built();
        var path = project.Output("digits.onnx.br");
        var before = File.ReadAllBytes(path);
        if (changed)
        {
            File.AppendAllText(path, "x");
        }
        else
        {
            File.Delete(path);
        }

        project.Build().ShouldSucceed();

        CollectionAssert.AreEqual(before, File.ReadAllBytes(path));
    }

    [TestMethod]
    public void A_changed_model_is_packed_again()
    {
        var project = Built();
        var before = File.ReadAllBytes(project.Output("digits.onnx.br"));

        project.WithFile("digits.onnx", Classifier.OtherBytes).Build().ShouldSucceed().ShouldCompress();

        CollectionAssert.AreNotEqual(before, File.ReadAllBytes(project.Output("digits.onnx.br")));
    }

    [TestMethod]
    public void Clean_removes_it()
    {
        var project = Built();

        project.Run(["clean"]).ShouldSucceed().ShouldNotCompress();

        Assert.IsFalse(File.Exists(project.Output("digits.onnx.br")));
    }

    [TestMethod]
    public void Removing_the_item_removes_it()
    {
        var project = Built();
        project.Models.Clear();

        project.Build().ShouldSucceed();

        Assert.IsFalse(File.Exists(project.Output("digits.onnx.br")));
    }

    private static TestProject Built()
    {
        var project = PackedProject.Library();
        project.Build().ShouldSucceed().ShouldCompress();
        return project;
    }
}
