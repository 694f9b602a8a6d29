using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Tests.Harness;

namespace ModelBuildTasks.Tests;

/// <summary>Several inner builds, or several projects, want the same model at the same time.</summary>
[TestClass]
public sealed class MultiTargetingTests
{
    private static readonly string[] Frameworks = ["net10.0", "netstandard2.0"];

    [TestMethod]
    public void Both_frameworks_get_the_model_and_one_calibrates()
    {
        var project = MultiTargeted();

        project.Build("-m:2").ShouldSucceed().ShouldCompress();

        foreach (var framework in Frameworks)
        {
            var compressed = File.ReadAllBytes(project.InFolder($"obj/Debug/{framework}/aimodels/digits.onnx"));
            CollectionAssert.AreEqual(compressed, BuiltAssembly.Resource(project.InFolder($"bin/Debug/{framework}/App.dll"), "AiModels.digits.onnx"));
        }

        project.Build("-m:2").ShouldSucceed().ShouldNotCompress();
    }

    [TestMethod]
    public void The_outer_build_dispatches_our_targets()
    {
        var project = MultiTargeted(("MinSqnr", "120"));
        project.Run(["restore"]).ShouldSucceed();

        var errors = project.Run(["msbuild", "-t:CheckAiModels"]).Log.Errors;

        Assert.HasCount(Frameworks.Length, errors, string.Join('\n', errors));
        Assert.IsTrue(errors.All(error => error.Code == DiagnosticCodes.SqnrGateFailed), string.Join('\n', errors));
    }

    [TestMethod]
    public void Projects_of_one_solution_share_a_model_in_parallel()
    {
        var folder = SuiteRun.NewFolder();
        var projects = new[] { "First", "Second" }.Select(name => new TestProject(Path.Combine(folder, name), name)
            .WithFile("../digits.onnx", Models.Classifier.Bytes)
            .WithFile("../digits.npz", Models.Classifier.Samples)
            .WithModel("../digits.onnx", ("Quantize", "int8"), ("Calibration", "../digits.npz"))
            .Write()).ToArray();
        var solution = Path.Combine(folder, "Both.slnx");
        File.WriteAllText(solution, $"<Solution>{string.Concat(projects.Select(project => $"<Project Path=\"{project.Name}/{project.Name}.csproj\" />"))}</Solution>");

        DotnetCommand.Run(folder, ["build", solution, "-m:2", "-tl:off", "--nologo"]).ShouldSucceed();

        foreach (var project in projects)
        {
            CollectionAssert.AreEqual(File.ReadAllBytes(project.Output("digits.onnx")), BuiltAssembly.Resource(project.AssemblyPath, "AiModels.digits.onnx"));
        }
    }

    private static TestProject MultiTargeted(params (string Name, string Value)[] metadata) =>
        TestProject.WithClassifier(metadata).WithProperty("TargetFramework", "").WithProperty("TargetFrameworks", string.Join(';', Frameworks));
}
