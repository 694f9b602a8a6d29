using ModelBuildTasks.Tests.Harness;
using ModelBuildTasks.Tests.Models;

namespace ModelBuildTasks.Tests;

/// <summary>The generated accessor compiles everywhere and runs the model.</summary>
[TestClass]
public sealed class AccessorTests
{
    [TestMethod]
    public void It_runs_the_embedded_model()
    {
        var project = WithOnnxRuntime(Program(
            """
            using System;
            using System.Linq;
            using Microsoft.ML.OnnxRuntime;
            using Microsoft.ML.OnnxRuntime.Tensors;
            using var session = AiModels.Digits.CreateSession();
            var input = new DenseTensor<float>(args[0].Split(',').Select(float.Parse).ToArray(), new[] { 1, 1, 8, 8 });
            using var results = session.Run(new[] { NamedOnnxValue.CreateFromTensor("image", input) });
            var scores = results.Single().AsEnumerable<float>().ToArray();
            Console.WriteLine($"class {Array.IndexOf(scores, scores.Max())}");
            Console.WriteLine(AiModels.Digits.Summary);
            """));
        var image = Classifier.Images(10)[(7 * Classifier.Pixels)..(8 * Classifier.Pixels)];

        project.Build().ShouldSucceed();
        var run = project.RunProgram(string.Join(',', image)).ShouldSucceed();

        Assert.StartsWith("class 7", run.Output);
        Assert.Contains("digits.onnx", run.Output);
        Assert.Contains("int8", run.Output);
    }

    [TestMethod]
    public void It_reads_the_resource_without_ONNX_Runtime()
    {
        var project = Program(
            """
            using System;
            using System.IO;
            using var stream = AiModels.Digits.OpenRead();
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            var bytes = AiModels.Digits.ReadAllBytes();
            Console.WriteLine(copy.ToArray().AsSpan().SequenceEqual(bytes) ? Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(bytes)) : "differ");
            """);

        project.Build().ShouldSucceed();
        var run = project.RunProgram().ShouldSucceed();

        Assert.AreEqual(Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(project.Output("digits.onnx")))), run.Output.Trim());
    }

    [TestMethod]
    public void Without_ONNX_Runtime_there_is_no_CreateSession()
    {
        var project = TestProject.WithClassifier();

        project.Build().ShouldSucceed();

        Assert.DoesNotContain("CreateSession(", File.ReadAllText(project.Output("AiModels.g.cs")));
    }

    [TestMethod]
    [DataRow(false, DisplayName = "without ONNX Runtime")]
    [DataRow(true, DisplayName = "with ONNX Runtime")]
    public void It_is_CSharp_7_3(bool referencesOnnxRuntime)
    {
        var project = TestProject.WithClassifier().WithProperty("LangVersion", "7.3").WithProperty("TreatWarningsAsErrors", "true");
        if (referencesOnnxRuntime)
        {
            WithOnnxRuntime(project);
        }

        project.Build().ShouldSucceed();
    }

    [TestMethod]
    [DataRow(false, DisplayName = "without ONNX Runtime")]
    [DataRow(true, DisplayName = "with ONNX Runtime")]
    public void It_has_no_warning_under_the_strictest_settings(bool referencesOnnxRuntime)
    {
        var project = TestProject.WithClassifier()
            .WithProperty("Nullable", "enable")
            .WithProperty("TreatWarningsAsErrors", "true")
            .WithProperty("AnalysisMode", "All")
            .WithProperty("EnforceCodeStyleInBuild", "true")
            .WithProperty("GenerateDocumentationFile", "true")
            .WithProperty("IsAotCompatible", "true")
            .WithProperty("CheckForOverflowUnderflow", "true");
        if (referencesOnnxRuntime)
        {
            WithOnnxRuntime(project);
        }

        project.Build().ShouldSucceed();
    }

    [TestMethod]
    public void Names_become_identifiers()
    {
        var names = new[] { "digits", "ocr_rec", "3d", "class", "my-model.v2", "open" };
        var project = Program(
            """
            using System;
            foreach (var type in typeof(Program).Assembly.GetTypes())
            {
                if (type.DeclaringType?.Name == "AiModels" || type.Namespace == "AiModels") Console.WriteLine(type.Name);
            }
            Console.WriteLine(AiModels.Digits.ReadAllBytes().Length + AiModels.OcrRec.ReadAllBytes().Length + AiModels.Class.ReadAllBytes().Length);
            """);
        project.Models.Clear();
        foreach (var name in names)
        {
            project.WithFile($"{name}.onnx", Classifier.Bytes).WithModel($"{name}.onnx", ("Quantize", "int8"), ("Calibration", "digits.npz"));
        }

        project.Build().ShouldSucceed();
        var lines = project.RunProgram().ShouldSucceed().Output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

        Assert.HasCount(names.Length + 1, lines);
        CollectionAssert.IsSubsetOf(new[] { "Digits", "OcrRec", "Class", "ModelOpen" }, lines);
    }

    [TestMethod]
    public void It_describes_the_inputs_and_outputs()
    {
        var project = TestProject.WithClassifier();

        project.Build().ShouldSucceed();

        var source = File.ReadAllText(project.Output("AiModels.g.cs"));
        Assert.Contains("\"image\"", source);
        Assert.Contains("\"scores\"", source);
        Assert.Contains("<auto-generated", source);
    }

    [TestMethod]
    public void It_is_not_written_again_when_nothing_changed()
    {
        var project = TestProject.WithClassifier();
        project.Build().ShouldSucceed();
        var written = File.GetLastWriteTimeUtc(project.Output("AiModels.g.cs"));

        project.Build().ShouldSucceed();

        Assert.AreEqual(written, File.GetLastWriteTimeUtc(project.Output("AiModels.g.cs")));
    }

    private static TestProject Program(string source) =>
        TestProject.WithClassifier().WithProperty("OutputType", "Exe").WithProperty("UseAppHost", "false").WithFile("Program.cs", source);

    /// <summary>The runtime, and the version of its dependency that this repository uses too: the one it asks for is not in every registry, which NuGet warns of.</summary>
    private static TestProject WithOnnxRuntime(TestProject project) =>
        project.WithItem("PackageReference", "Microsoft.ML.OnnxRuntime", ("Version", "1.31.1")).WithItem("PackageReference", "System.Numerics.Tensors", ("Version", "10.0.12"));
}
