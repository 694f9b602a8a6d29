using System.Security.Cryptography;
using ModelBuildTasks.Tests.Harness;

namespace ModelBuildTasks.Tests;

/// <summary>Earlier results are shared by configurations and runtime identifiers.</summary>
[TestClass]
public sealed class CacheTests
{
    [TestMethod]
    public void Another_configuration_takes_the_result_from_the_cache()
    {
        var project = TestProject.WithClassifier();
        project.Build().ShouldSucceed();
        var before = Entries(project.InFolder("obj/aimodels"));

        project.Build("-c", "Release").ShouldSucceed();

        CollectionAssert.AreEqual(before, Entries(project.InFolder("obj/aimodels")));
        CollectionAssert.AreEqual(File.ReadAllBytes(project.Output("digits.onnx")), File.ReadAllBytes(project.InFolder("obj/Release/net10.0/aimodels/digits.onnx")));
        CollectionAssert.AreEqual(File.ReadAllBytes(project.Output("digits.report.json")), File.ReadAllBytes(project.InFolder("obj/Release/net10.0/aimodels/digits.report.json")));
    }

    [TestMethod]
    public void A_publish_for_another_processor_takes_the_result_from_the_cache()
    {
        var project = TestProject.WithClassifier();
        project.Build().ShouldSucceed();
        var before = Entries(project.InFolder("obj/aimodels"));

        project.Run(["publish", "-r", "linux-arm64", "--no-self-contained", "-o", project.InFolder("out")]).ShouldSucceed();

        CollectionAssert.AreEqual(before, Entries(project.InFolder("obj/aimodels")));
        CollectionAssert.AreEqual(File.ReadAllBytes(project.Output("digits.onnx")), BuiltAssembly.Resource(project.InFolder("out/App.dll"), "AiModels.digits.onnx"));
    }

    [TestMethod]
    public void It_may_be_elsewhere()
    {
        var project = TestProject.WithClassifier().WithProperty("AiModelCacheDirectory", "../shared-cache/");

        project.Build().ShouldSucceed();

        Assert.IsNotEmpty(Entries(project.InFolder("../shared-cache")));
        Assert.IsFalse(Directory.Exists(project.InFolder("obj/aimodels")));
    }

    /// <summary>The entries by content; not the locks. A report holds measured times, so one that was made again would differ.</summary>
    private static string[] Entries(string folder) => [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .Where(path => !path.EndsWith(".lock", StringComparison.Ordinal))
        .Select(path => $"{Path.GetRelativePath(folder, path)} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)))}")
        .Order(StringComparer.Ordinal)];
}
