using ModelBuildTasks.Tests.Harness;

namespace ModelBuildTasks.Tests.Variants;

/// <summary>Projects whose model has the variant that its target runs best.</summary>
internal static class VariantProject
{
    /// <summary>Tells which variant it has, and the hash of its bytes.</summary>
    private const string Source =
        """
        using System;
        Console.WriteLine(AiModels.Digits.Summary);
        Console.WriteLine(Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(AiModels.Digits.ReadAllBytes())));
        """;

    public static TestProject Library(params (string Name, string Value)[] metadata)
    {
        var project = TestProject.WithClassifier(metadata);
        project.Device = null;
        return project;
    }

    public static TestProject Application(params (string Name, string Value)[] metadata) => Library(metadata).WithProperty("OutputType", "Exe").WithFile("Program.cs", Source);
}
