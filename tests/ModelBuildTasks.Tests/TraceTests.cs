using ModelBuildTasks.Tests.Harness;
using ModelBuildTasks.Tests.Models;

namespace ModelBuildTasks.Tests;

/// <summary>AiModelTrace=true shows the graph after each step and why each node is what it is.</summary>
[TestClass]
public sealed class TraceTests
{
    private const string Asked = "-p:AiModelTrace=true";
    private const string Files = "1-simplified.onnx 2-quantization.onnx nodes.json";

    [TestMethod]
    public void A_build_that_asks_writes_it_and_says_where_and_a_second_one_does_nothing()
    {
        var project = TestProject.WithClassifier();

        var build = project.Build(Asked).ShouldSucceed().ShouldCompress();

        Assert.AreEqual(Files, Trace(project));
        CollectionAssert.Contains(build.Log.Messages.ToArray(), "digits.onnx: the trace is in obj/Debug/net10.0/aimodels/digits.trace");
        Assert.DoesNotContain(project.Folder, File.ReadAllText(project.Output("digits.trace/nodes.json")));
        var second = project.Build(Asked).ShouldSucceed().ShouldNotCompress();
        Assert.IsEmpty(second.Log.Messages);
    }

    [TestMethod]
    public void A_build_that_does_not_ask_writes_none()
    {
        var project = TestProject.WithClassifier();

        project.Build().ShouldSucceed();

        Assert.IsFalse(Directory.Exists(project.Output("digits.trace")));
    }

    [TestMethod]
    public void Asking_later_writes_it_and_changes_no_result()
    {
        var project = TestProject.WithClassifier();
        project.Build().ShouldSucceed();
        var files = new[] { "digits.onnx", "digits.report.json", "digits.report.html", "digits.ranges.json", "AiModels.g.cs", "digits.stamp" }.ToDictionary(file => file, file => File.ReadAllBytes(project.Output(file)));
        var written = File.GetLastWriteTimeUtc(project.AssemblyPath);

        project.Build(Asked).ShouldSucceed().ShouldCompress();

        Assert.AreEqual(Files, Trace(project));
        foreach (var (file, bytes) in files)
        {
            CollectionAssert.AreEqual(bytes, File.ReadAllBytes(project.Output(file)), file);
        }

        Assert.AreEqual(written, File.GetLastWriteTimeUtc(project.AssemblyPath));
        project.Build().ShouldSucceed().ShouldNotCompress();
        Assert.AreEqual(Files, Trace(project));
    }

    [TestMethod]
    public void A_trace_of_an_earlier_result_is_made_anew()
    {
        var project = TestProject.WithClassifier();
        project.Build(Asked).ShouldSucceed();
        project.Models[0]["KeepFloat"] = "Gemm_*;scores";
        project.Build().ShouldSucceed().ShouldCompress();
        Assert.DoesNotContain("KeepFloat", File.ReadAllText(project.Output("digits.trace/nodes.json")));

        project.Build(Asked).ShouldSucceed().ShouldCompress();

        Assert.Contains("KeepFloat names it", File.ReadAllText(project.Output("digits.trace/nodes.json")));
        project.Build(Asked).ShouldSucceed().ShouldNotCompress();
    }

    [TestMethod]
    public void Touching_the_model_makes_no_trace_anew()
    {
        var project = TestProject.WithClassifier();
        project.Build(Asked).ShouldSucceed();
        File.SetLastWriteTimeUtc(project.InFolder("digits.onnx"), DateTime.UtcNow);

        project.Build(Asked).ShouldSucceed().ShouldNotCompress();
    }

    [TestMethod]
    public void A_trace_that_was_deleted_comes_back()
    {
        var project = TestProject.WithClassifier();
        project.Build(Asked).ShouldSucceed();
        Directory.Delete(project.Output("digits.trace"), recursive: true);

        project.Build(Asked).ShouldSucceed().ShouldCompress();

        Assert.AreEqual(Files, Trace(project));
    }

    [TestMethod]
    public void Clean_removes_it()
    {
        var project = TestProject.WithClassifier();
        project.Build(Asked).ShouldSucceed();

        project.Run(["clean"]).ShouldSucceed();

        Assert.IsFalse(Directory.Exists(project.Output("digits.trace")));
        Assert.IsFalse(File.Exists(project.Output("digits.onnx")));
    }

    [TestMethod]
    public void Removing_the_item_removes_it()
    {
        var project = TestProject.WithClassifier();
        project.Build(Asked).ShouldSucceed();
        project.Models.Clear();

        project.Build(Asked).ShouldSucceed();

        Assert.IsFalse(Directory.Exists(project.Output("digits.trace")) && Directory.EnumerateFileSystemEntries(project.Output("digits.trace")).Any());
    }

    [TestMethod]
    public void Every_framework_and_every_model_gets_its_own()
    {
        var project = TestProject.WithClassifier()
            .WithFile("letters.onnx", Classifier.OtherBytes).WithModel("letters.onnx", ("Quantize", "int8-weights"), ("Validation", "digits.npz"))
            .WithProperty("TargetFramework", "").WithProperty("TargetFrameworks", "net10.0;netstandard2.0");

        project.Build("-m:2", Asked).ShouldSucceed().ShouldCompress();

        foreach (var framework in new[] { "net10.0", "netstandard2.0" })
        {
            Assert.AreEqual(Files, Trace(project, $"obj/Debug/{framework}/aimodels/digits.trace"));
            Assert.AreEqual("1-simplified.onnx 2-quantization.onnx nodes.json", Trace(project, $"obj/Debug/{framework}/aimodels/letters.trace"));
        }

        project.Build("-m:2", Asked).ShouldSucceed().ShouldNotCompress();
    }

    private static string Trace(TestProject project, string folder = "obj/Debug/net10.0/aimodels/digits.trace") =>
        string.Join(' ', Directory.GetFiles(project.InFolder(folder)).Select(Path.GetFileName).Where(file => file![0] != '.').Order(StringComparer.Ordinal));
}
