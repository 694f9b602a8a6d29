using ModelBuildTasks.Tests.Harness;

namespace ModelBuildTasks.Tests;

/// <summary>What an editor does to learn about a project: it must be quick and still know the accessor.</summary>
[TestClass]
public sealed class DesignTimeTests
{
    private static readonly string[] DesignTimeBuild =
    [
        "msbuild", "-t:Compile", "-p:DesignTimeBuild=true", "-p:BuildingInsideVisualStudio=true", "-p:BuildProjectReferences=false", "-p:SkipCompilerExecution=true", "-p:ProvideCommandLineArgs=true",
    ];

    [TestMethod]
    public void It_compresses_nothing_and_still_has_the_accessor()
    {
        var project = TestProject.WithClassifier();
        project.Run(["restore"]).ShouldSucceed();

        project.Run(DesignTimeBuild).ShouldSucceed().ShouldNotCompress();

        Assert.Contains("Digits", File.ReadAllText(project.Output("AiModels.g.cs")));
        Assert.IsFalse(File.Exists(project.Output("digits.onnx")));
    }

    [TestMethod]
    public void The_compiler_is_given_the_accessor()
    {
        var project = TestProject.WithClassifier();
        project.Run(["restore"]).ShouldSucceed();

        var sources = project.Run([.. DesignTimeBuild, "-getItem:Compile"]).ShouldSucceed().Output;

        Assert.Contains("AiModels.g.cs", sources);
    }

    [TestMethod]
    public void After_a_build_it_leaves_the_results_alone()
    {
        var project = TestProject.WithClassifier();
        project.Build().ShouldSucceed();
        var before = FolderSnapshot.Of(project.OutputFolder);

        project.Run(DesignTimeBuild).ShouldSucceed().ShouldNotCompress();

        before.ShouldBeIntact();
        project.Build().ShouldSucceed().ShouldNotCompress();
    }

    [TestMethod]
    public void A_model_that_is_missing_does_not_break_the_editor()
    {
        var project = TestProject.WithClassifier();
        project.Models[0].Include = "missing.onnx";
        project.Run(["restore"]).ShouldSucceed();

        project.Run(DesignTimeBuild).ShouldSucceed();
    }
}
