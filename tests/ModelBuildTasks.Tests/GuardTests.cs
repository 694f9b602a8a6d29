using ModelBuildTasks.Tests.Harness;
using ModelBuildTasks.Tests.Models;

namespace ModelBuildTasks.Tests;

/// <summary>Commands that must not build do not compress; those that must, do.</summary>
[TestClass]
public sealed class GuardTests
{
    [TestMethod]
    public void Publish_embeds_the_compressed_model()
    {
        var project = TestProject.WithClassifier();

        project.Run(["publish", "-c", "Release", "-o", project.InFolder("out")]).ShouldSucceed().ShouldCompress();

        CollectionAssert.AreEqual(File.ReadAllBytes(project.InFolder("obj/Release/net10.0/aimodels/digits.onnx")), BuiltAssembly.Resource(project.InFolder("out/App.dll"), "AiModels.digits.onnx"));
    }

    [TestMethod]
    [DataRow("publish")]
    [DataRow("pack")]
    public void A_command_that_builds_nothing_compresses_nothing(string verb)
    {
        var project = TestProject.WithClassifier();
        project.Build("-c", "Release").ShouldSucceed();
        project.WithFile("digits.onnx", Classifier.OtherBytes);

        project.Run([verb, "--no-build", "-c", "Release"]).ShouldSucceed().ShouldNotCompress();
    }

    [TestMethod]
    public void A_referenced_project_is_left_alone_under_no_dependencies()
    {
        var library = TestProject.WithClassifier().Write();
        var program = new TestProject(library.InFolder("program"), "Program").WithItem("ProjectReference", library.FilePath);
        library.WithProperty("DefaultItemExcludes", "program/**;$(DefaultItemExcludes)").Write();
        program.Build().ShouldSucceed().ShouldCompress();
        library.WithFile("digits.onnx", Classifier.OtherBytes);

        program.Build("--no-dependencies").ShouldSucceed().ShouldNotCompress();
        program.Build().ShouldSucceed().ShouldCompress();
    }

    [TestMethod]
    public void Clean_removes_the_outputs()
    {
        var project = TestProject.WithClassifier();
        project.Build().ShouldSucceed();

        project.Run(["clean"]).ShouldSucceed().ShouldNotCompress();

        Assert.IsEmpty(Directory.Exists(project.OutputFolder) ? Directory.GetFiles(project.OutputFolder) : []);
        project.Build().ShouldSucceed();
        CollectionAssert.AreEqual(File.ReadAllBytes(project.Output("digits.onnx")), BuiltAssembly.Resource(project.AssemblyPath, "AiModels.digits.onnx"));
    }

    [TestMethod]
    [DataRow("CompressAiModels")]
    [DataRow("EmbedAiModels")]
    [DataRow("CheckAiModels")]
    public void Our_targets_run_alone_from_clean(string target)
    {
        var project = TestProject.WithClassifier();
        project.Run(["restore"]).ShouldSucceed();

        project.Run(["msbuild", $"-t:{target}"]).ShouldSucceed().ShouldCompress();

        Assert.IsTrue(File.Exists(project.Output("digits.onnx")));
    }

    [TestMethod]
    public void A_project_without_models_is_not_burdened()
    {
        var result = new TestProject().Build().ShouldSucceed().ShouldNotCompress();

        Assert.IsEmpty(result.Log.TasksOfOurTargets);
        Assert.IsEmpty(result.Log.Warnings);
    }
}
