using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Tests.Harness;

namespace ModelBuildTasks.Tests.Variants;

/// <summary>With Load="File" the model lies beside the application, and the accessor opens it there.</summary>
[TestClass]
public sealed class ModelFileTests
{
    private const string File = "aimodels/digits.onnx";

    [TestMethod]
    public void It_is_copied_to_the_output_and_opened_there()
    {
        var project = VariantProject.Application(("Load", "File")).WithProperty("UseAppHost", "false");

        project.Build().ShouldSucceed();
        var run = project.RunProgram().ShouldSucceed();

        Assert.IsEmpty(BuiltAssembly.ResourceNames(project.AssemblyPath));
        var copied = System.IO.File.ReadAllBytes(project.InFolder($"bin/Debug/net10.0/{File}"));
        CollectionAssert.AreEqual(System.IO.File.ReadAllBytes(project.Output("digits.onnx")), copied);
        Assert.Contains(Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(copied)), run.Output);
    }

    [TestMethod]
    public void A_changed_model_is_copied_again()
    {
        var project = VariantProject.Application(("Load", "File")).WithProperty("UseAppHost", "false");
        project.Build().ShouldSucceed();

        project.WithFile("digits.onnx", Models.Classifier.OtherBytes).Build().ShouldSucceed();

        CollectionAssert.AreEqual(System.IO.File.ReadAllBytes(project.Output("digits.onnx")), System.IO.File.ReadAllBytes(project.InFolder($"bin/Debug/net10.0/{File}")));
    }

    [TestMethod]
    public void It_is_published_beside_a_single_file()
    {
        var project = VariantProject.Application(("Load", "File"));

        project.Run(["publish", "-c", "Release", "-r", "linux-arm64", "-p:PublishSingleFile=true", "--self-contained", "false", "-o", project.InFolder("out")]).ShouldSucceed();

        Assert.AreEqual(Formats.Signed, Formats.OfActivations(System.IO.File.ReadAllBytes(project.InFolder($"out/{File}"))));
    }

    [TestMethod]
    public void It_is_published_without_a_build()
    {
        var project = VariantProject.Application(("Load", "File")).WithProperty("UseAppHost", "false");
        project.Build("-c", "Release").ShouldSucceed();

        project.Run(["publish", "-c", "Release", "--no-build", "-o", project.InFolder("out")]).ShouldSucceed().ShouldNotCompress();

        CollectionAssert.AreEqual(System.IO.File.ReadAllBytes(project.InFolder("obj/Release/net10.0/aimodels/digits.onnx")), System.IO.File.ReadAllBytes(project.InFolder($"out/{File}")));
    }

    [TestMethod]
    public void What_was_never_built_is_a_clear_error()
    {
        var project = VariantProject.Application(("Load", "File")).WithProperty("UseAppHost", "false");
        project.Build("-c", "Release").ShouldSucceed();
        Directory.Delete(project.InFolder("obj/Release/net10.0/aimodels"), recursive: true);

        project.Run(["publish", "-c", "Release", "--no-build", "-o", project.InFolder("out")]).ShouldFailWith(DiagnosticCodes.NotBuilt);
    }

    [TestMethod]
    public void The_file_of_a_library_goes_with_the_application_that_refers_to_it()
    {
        var folder = SuiteRun.NewFolder();
        new TestProject(Path.Combine(folder, "Library"), "Library")
            .WithFile("digits.onnx", Models.Classifier.Bytes)
            .WithFile("digits.npz", Models.Classifier.Samples)
            .WithModel("digits.onnx", ("Quantize", "int8"), ("Calibration", "digits.npz"), ("Load", "File"))
            .WithFile("Reader.cs", "public static class Reader { public static int Length { get { return Library.AiModels.Digits.ReadAllBytes().Length; } } }")
            .Write();
        var application = new TestProject(Path.Combine(folder, "App"))
            .WithProperty("OutputType", "Exe")
            .WithProperty("UseAppHost", "false")
            .WithItem("ProjectReference", "../Library/Library.csproj")
            .WithFile("Program.cs", "System.Console.WriteLine(Reader.Length);");

        application.Build().ShouldSucceed();
        application.Run(["publish", "-c", "Release", "-o", application.InFolder("out")]).ShouldSucceed();

        var model = System.IO.File.ReadAllBytes(application.InFolder($"bin/Debug/net10.0/{File}"));
        Assert.AreEqual(model.Length.ToString(System.Globalization.CultureInfo.InvariantCulture), application.RunProgram().ShouldSucceed().Output.Trim());
        CollectionAssert.AreEqual(model, System.IO.File.ReadAllBytes(application.InFolder($"out/{File}")));
    }
}
