using System.Text.RegularExpressions;
using ModelBuildTasks.Compression;
using ModelBuildTasks.Diagnostics;
using ModelBuildTasks.Tests.Harness;
using ModelBuildTasks.Tests.Models;

namespace ModelBuildTasks.Tests;

/// <summary>What a build says while a model is compressed: nothing, but to who asks for details.</summary>
[TestClass]
public sealed partial class ProgressTests
{
    private static readonly string[] Phases = ["prepare", "calibrate", "round", "quantize", "evaluate"];

    [TestMethod]
    public void A_phase_is_one_line_and_fractions_are_none() =>
        AssertLines(["prepare", "calibrate"], [new("prepare", 0), new("prepare", 1), new("calibrate", 0), new("calibrate", 0.5), new("calibrate", 1)]);

    [TestMethod]
    public void Each_layer_that_is_rounded_is_one_line() => AssertLines(
        ["round", "round 1/2 conv1: int8, 38.2 dB (nearest 29.6 dB)", "round 2/2 fc: int8, 41.0 dB (nearest 40.3 dB)", "evaluate"],
        [new("round", 0), new("round", 0.5, "1/2 conv1: int8, 38.2 dB (nearest 29.6 dB)"), new("round", 1, "2/2 fc: int8, 41.0 dB (nearest 40.3 dB)"), new("round", 1), new("evaluate", 0)]);

    [TestMethod]
    public void A_layer_whose_name_has_line_breaks_is_still_one_line() => AssertLines(["round", "round 1/1 a b  c: int8"], [new("round", 0), new("round", 1, "1/1 a\nb\r\n\rc: int8")]);

    [TestMethod]
    public void A_build_shows_progress_at_detailed_verbosity_and_none_at_normal()
    {
        var project = TestProject.WithClassifier();
        var normal = Lines(project.Build("-v:normal"));
        project.WithFile("digits.onnx", Classifier.OtherBytes);
        var detailed = Lines(project.Build("-v:detailed"));

        Assert.IsEmpty(normal);
        CollectionAssert.IsSubsetOf(Phases, detailed);
    }

    private static void AssertLines(string[] expected, CompressionProgress[] told)
    {
        var lines = new List<string>();
        var progress = new ProgressLines(lines.Add);
        foreach (var value in told)
        {
            progress.Report(value);
        }

        CollectionAssert.AreEqual(expected, lines);
    }

    // MSBuild may put the number of a node before a line.
    private static string[] Lines(BuildResult build) => [.. LineOfModel().Matches(build.ShouldSucceed().ShouldCompress().Output).Select(match => match.Groups["text"].Value)];

    [GeneratedRegex(@"^[ \d>]*digits: (?<text>[^\r\n]*)", RegexOptions.Multiline)]
    private static partial Regex LineOfModel();
}
