using ModelBuildTasks.Tests.Emulation;
using ModelBuildTasks.Tests.Harness;

namespace ModelBuildTasks.Tests;

/// <summary>What was published for arm64 runs on arm64 processors, emulated where this machine is none.</summary>
[TestClass]
public sealed class EmulatedArm64Tests
{
    private static readonly Lazy<string> published = new(Publish);

    private static string Sample { get; } = Path.Combine(SuiteRun.Repository, "samples", "DigitReader");

    [TestMethod]
    public void The_digit_reader_published_for_linux_arm64_reads_every_digit_right_without_dot_products() => ReadEveryDigitRight(EmulatedProcessor.CortexA72);

    [TestMethod]
    public void The_digit_reader_published_for_linux_arm64_reads_every_digit_right_with_dot_products() => ReadEveryDigitRight(EmulatedProcessor.CortexA76);

    private static void ReadEveryDigitRight(EmulatedProcessor processor)
    {
        processor.RequireOrSkip();

        var output = processor.Run(Path.Combine(published.Value, "DigitReader"));

        StringAssert.StartsWith(output, "digits.onnx → arm64: int8");

        // 7-a.png shows a seven, and its line is "7-a.png: 7 (96.7 %)".
        const string Separator = ".png: ";
        var expected = Directory.GetFiles(Path.Combine(Sample, "digits")).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal).Select(picture => $"{picture}: {picture[0]}").ToArray();
        var read = output.Split('\n').Where(line => line.Contains(Separator, StringComparison.Ordinal)).Select(line => line[..(line.IndexOf(Separator, StringComparison.Ordinal) + Separator.Length + 1)]);
        Assert.IsNotEmpty(expected);
        CollectionAssert.AreEqual(expected, read.ToArray(), output);
    }

    /// <summary>The sample's sources with the packed product.</summary>
    private static string Publish()
    {
        var project = new TestProject(name: "DigitReader") { Device = null }
            .WithProperty("OutputType", "Exe")
            .WithProperty("Nullable", "enable")
            .WithProperty("ImplicitUsings", "enable")
            .WithProperty("InvariantGlobalization", "true")
            .WithItem("PackageReference", "Microsoft.ML.OnnxRuntime", ("Version", "1.31.1"))
            .WithItem("PackageReference", "System.Numerics.Tensors", ("Version", "10.0.12"))
            .WithItem("PackageReference", "StbImageSharp", ("Version", "2.30.16"))
            .WithItem("None", "digits/*.png", ("CopyToOutputDirectory", "PreserveNewest"))
            .WithModel(
                "models/digits.onnx", ("Quantize", "int8"), ("Calibration", "data/digits.calibration.npz"), ("Validation", "data/digits.test.npz"), ("MaxAccuracyDrop", "0.002"), ("MinSqnr", "35"));
        foreach (var pattern in new[] { "*.cs", "digits/*.png", "models/digits.onnx", "data/*.npz" })
        {
            foreach (var file in Directory.GetFiles(Path.Combine(Sample, Path.GetDirectoryName(pattern)!), Path.GetFileName(pattern)))
            {
                project.WithFile(Path.GetRelativePath(Sample, file), File.ReadAllBytes(file));
            }
        }

        project.Run(["publish", "-c", "Release", "-r", "linux-arm64", "--self-contained", "-o", project.InFolder("published")]).ShouldSucceed();
        return project.InFolder("published");
    }
}
