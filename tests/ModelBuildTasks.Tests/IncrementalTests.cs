using ModelBuildTasks.Tests.Harness;
using ModelBuildTasks.Tests.Models;

namespace ModelBuildTasks.Tests;

/// <summary>A build compresses only what changed by content.</summary>
[TestClass]
public sealed class IncrementalTests
{
    [TestMethod]
    public void A_second_build_starts_no_task_host_and_compresses_nothing()
    {
        var project = BuiltClassifier();

        project.Build().ShouldSucceed().ShouldNotCompress();
    }

    [TestMethod]
    public void A_second_build_compiles_nothing()
    {
        var project = BuiltClassifier();
        var assembly = File.GetLastWriteTimeUtc(project.AssemblyPath);

        project.Build().ShouldSucceed();

        Assert.AreEqual(assembly, File.GetLastWriteTimeUtc(project.AssemblyPath));
    }

    [TestMethod]
    public void Touching_the_model_compresses_nothing()
    {
        var project = BuiltClassifier();
        File.SetLastWriteTimeUtc(project.InFolder("digits.onnx"), DateTime.UtcNow);

        project.Build().ShouldSucceed().ShouldNotCompress();
    }

    [TestMethod]
    public void Touching_the_calibration_data_compresses_nothing()
    {
        var project = BuiltClassifier();
        File.SetLastWriteTimeUtc(project.InFolder("digits.npz"), DateTime.UtcNow);

        project.Build().ShouldSucceed().ShouldNotCompress();
    }

    [TestMethod]
    public void Changing_an_option_compresses_again()
    {
        var project = BuiltClassifier();
        var before = File.ReadAllBytes(project.Output("digits.onnx"));
        project.Models[0]["KeepFloat"] = "Gemm_*";

        project.Build().ShouldSucceed().ShouldCompress();

        CollectionAssert.AreNotEqual(before, File.ReadAllBytes(project.Output("digits.onnx")));
    }

    [TestMethod]
    public void Changing_the_effort_compresses_again_where_samples_tell_how_to_round()
    {
        var project = BuiltClassifier();
        project.Models[0]["Effort"] = "balanced";
        project.Build().ShouldSucceed().ShouldNotCompress();

        foreach (var effort in new[] { "fast", "best" })
        {
            project.Models[0]["Effort"] = effort;
            project.Build().ShouldSucceed().ShouldCompress();
            project.Build().ShouldSucceed().ShouldNotCompress();
        }
    }

    [TestMethod]
    public void Changing_the_effort_compresses_nothing_without_samples()
    {
        var project = TestProject.WithClassifier(("Calibration", ""), ("Validation", "digits.npz"));
        project.Build().ShouldSucceed().ShouldCompress();
        project.Models[0]["Effort"] = "best";

        project.Build().ShouldSucceed().ShouldNotCompress();
    }

    [TestMethod]
    public void A_configuration_may_have_an_effort_for_all_its_models()
    {
        var project = BuiltClassifier();
        project.WithFile("Directory.Build.targets", """<Project><ItemDefinitionGroup Condition="'$(Configuration)' == 'Release'"><AiModel Effort="best" /></ItemDefinitionGroup></Project>""");
        project.Build().ShouldSucceed().ShouldNotCompress();
        project.WithFile("Directory.Build.targets", """<Project><ItemDefinitionGroup Condition="'$(Configuration)' == 'Debug'"><AiModel Effort="fast" /></ItemDefinitionGroup></Project>""");

        project.Build().ShouldSucceed().ShouldCompress();
    }

    [TestMethod]
    public void Changing_the_model_compresses_again()
    {
        var project = BuiltClassifier();
        var before = File.ReadAllBytes(project.Output("digits.onnx"));
        project.WithFile("digits.onnx", Classifier.OtherBytes);

        project.Build().ShouldSucceed().ShouldCompress();

        CollectionAssert.AreNotEqual(before, File.ReadAllBytes(project.Output("digits.onnx")));
    }

    [TestMethod]
    public void Changing_one_of_the_calibration_files_compresses_again()
    {
        var project = TestProject.WithClassifier(("Calibration", "digits.npz;more.npz")).WithFile("more.npz", Classifier.Samples);
        project.Build().ShouldSucceed().ShouldCompress();
        project.WithFile("more.npz", Classifier.OtherSamples);

        project.Build().ShouldSucceed().ShouldCompress();
    }

    [TestMethod]
    public void Another_build_of_the_tool_compresses_again()
    {
        const string OtherVersion = "0.2.0-test";
        var project = BuiltClassifier();
        PackageFeed.PublishAnotherBuild(OtherVersion);
        project.PackageVersion = OtherVersion;

        project.Build().ShouldSucceed().ShouldCompress();
    }

    [TestMethod]
    public void Removing_the_item_removes_the_output()
    {
        var project = BuiltClassifier();
        Assert.IsTrue(File.Exists(project.Output("digits.onnx")));
        project.Models.Clear();

        project.Build().ShouldSucceed().ShouldNotCompress();

        Assert.IsFalse(File.Exists(project.Output("digits.onnx")));
        Assert.IsFalse(File.Exists(project.Output("digits.report.json")));
        Assert.IsEmpty(BuiltAssembly.ResourceNames(project.AssemblyPath));
    }

    [TestMethod]
    public void A_deleted_output_comes_back()
    {
        var project = BuiltClassifier();
        var before = File.ReadAllBytes(project.Output("digits.onnx"));
        File.Delete(project.Output("digits.onnx"));

        project.Build().ShouldSucceed();

        CollectionAssert.AreEqual(before, File.ReadAllBytes(project.Output("digits.onnx")));
    }

    [TestMethod]
    public void Adding_a_model_leaves_the_results_of_the_others_alone()
    {
        var project = BuiltClassifier();
        var written = File.GetLastWriteTimeUtc(project.Output("digits.onnx"));
        project.WithFile("letters.onnx", Classifier.OtherBytes).WithModel("letters.onnx", ("Quantize", "int8"), ("Calibration", "digits.npz"));

        project.Build().ShouldSucceed().ShouldCompress();

        Assert.IsTrue(File.Exists(project.Output("letters.onnx")));
        Assert.AreEqual(written, File.GetLastWriteTimeUtc(project.Output("digits.onnx")));
    }

    private static TestProject BuiltClassifier()
    {
        var project = TestProject.WithClassifier();
        project.Build().ShouldSucceed().ShouldCompress();
        return project;
    }
}
