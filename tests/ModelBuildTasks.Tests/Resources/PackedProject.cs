using ModelBuildTasks.Tests.Harness;

namespace ModelBuildTasks.Tests.Resources;

/// <summary>Projects whose model is packed.</summary>
internal static class PackedProject
{
    public const string ResourceName = "AiModels.digits.onnx.br";

    public static TestProject Library(params (string Name, string Value)[] metadata) => TestProject.WithClassifier([("ResourceCompression", "brotli"), .. metadata]);

    public static TestProject Program(string source, params (string Name, string Value)[] metadata) =>
        Library(metadata).WithProperty("OutputType", "Exe").WithProperty("UseAppHost", "false").WithFile("Program.cs", source);
}
