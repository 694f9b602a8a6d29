using ModelBuildTasks.Tests.Harness;

namespace ModelBuildTasks.Tests.Models;

/// <summary>A program that runs its embedded <see cref="Classifier"/> on one image.</summary>
internal static class ReadingProgram
{
    private const string Source =
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
        """;

    /// <summary>Makes a library with the model that program.</summary>
    public static TestProject Of(TestProject library) => WithOnnxRuntime(library).WithProperty("OutputType", "Exe").WithProperty("UseAppHost", "false").WithFile("Program.cs", Source);

    /// <summary>The runtime, and the version of its dependency that this repository uses too: the one it asks for is not in every registry, which NuGet warns of.</summary>
    public static TestProject WithOnnxRuntime(TestProject project) =>
        project.WithItem("PackageReference", "Microsoft.ML.OnnxRuntime", ("Version", "1.31.1")).WithItem("PackageReference", "System.Numerics.Tensors", ("Version", "10.0.12"));

    /// <summary>Runs it on an image of a class.</summary>
    public static CommandResult Run(TestProject project, int @class) =>
        project.RunProgram(string.Join(',', Classifier.Images(Classifier.Classes)[(@class * Classifier.Pixels)..((@class + 1) * Classifier.Pixels)])).ShouldSucceed();
}
