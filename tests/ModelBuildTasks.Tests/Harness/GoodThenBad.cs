using ModelBuildTasks.Tests.Models;

namespace ModelBuildTasks.Tests.Harness;

/// <summary>One project that was built well and is then given one bad input after the other: each must fail with one error and leave the earlier results as they were.</summary>
internal sealed class GoodThenBad
{
    private readonly TestProject project = TestProject.WithClassifier();
    private readonly FolderSnapshot outputs;
    private readonly FolderSnapshot binaries;

    public GoodThenBad()
    {
        project.Build().ShouldSucceed().ShouldCompress();
        outputs = FolderSnapshot.Of(project.OutputFolder);
        binaries = FolderSnapshot.Of(project.InFolder("bin"));
    }

    /// <summary>Builds with one bad item in place of the good one.</summary>
    /// <param name="code">The code of the one error.</param>
    /// <param name="file">The end of the path of the file the error must point at.</param>
    /// <param name="arrange">Makes the input bad: gets the project, and the item as it was good.</param>
    /// <param name="arguments">More arguments of the build.</param>
    public Diagnostic ShouldFail(string code, string file, Action<TestProject, AiModelItem> arrange, params string[] arguments)
    {
        var item = new AiModelItem("digits.onnx").With("Quantize", "int8").With("Calibration", "digits.npz");
        project.Models.Clear();
        project.Models.Add(item);
        arrange(project, item);

        var result = project.Build(["--no-restore", .. arguments]);

        var error = result.ShouldFailWith(code);
        Assert.EndsWith(file, error.File, error.ToString());
        Assert.IsGreaterThan(30, error.Message.Length, $"What, why and what to do: {error}");
        Assert.DoesNotContain('\n', error.Message, $"One line: {error}");
        Assert.IsFalse(result.Output.Contains("   at ", StringComparison.Ordinal), $"A stack trace:\n{result.Output}");
        outputs.ShouldBeIntact();
        binaries.ShouldBeIntact();
        return error;
    }

    /// <summary>Writes a bad model and builds with it.</summary>
    public Diagnostic ShouldFailWithModel(string code, byte[] model) =>
        ShouldFail(code, "bad.onnx", (project, item) =>
        {
            project.WithFile("bad.onnx", model);
            item.Include = "bad.onnx";
            item["Name"] = "digits";
        });

    /// <summary>Writes bad calibration data and builds with it.</summary>
    public Diagnostic ShouldFailWithData(string code, params (string Name, byte[] Array)[] arrays) =>
        ShouldFail(code, "bad.npz", (project, item) =>
        {
            project.WithFile("bad.npz", NpzFile.Create(arrays));
            item["Calibration"] = "bad.npz";
        });
}
