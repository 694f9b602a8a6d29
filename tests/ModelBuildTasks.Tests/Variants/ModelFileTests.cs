using System.Runtime.InteropServices;
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

        var model = System.IO.File.ReadAllBytes(application.InFolder("bin/Debug/net10.0/aimodels/Library/digits.onnx"));
        Assert.AreEqual(model.Length.ToString(System.Globalization.CultureInfo.InvariantCulture), application.RunProgram().ShouldSucceed().Output.Trim());
        CollectionAssert.AreEqual(model, System.IO.File.ReadAllBytes(application.InFolder("out/aimodels/Library/digits.onnx")));
    }

    [TestMethod]
    public void Two_libraries_may_have_models_of_one_name()
    {
        var folder = SuiteRun.NewFolder();
        Library(folder, "One", Models.Classifier.Bytes);
        Library(folder, "Two", Models.Classifier.OtherBytes);
        var application = Application(folder, "System.Console.WriteLine(One.Reader.Bytes + \" \" + Two.Reader.Bytes);", "One", "Two");

        application.Build().ShouldSucceed();
        application.Run(["publish", "-c", "Release", "-o", application.InFolder("out")]).ShouldSucceed();

        Assert.AreEqual($"{Convert.ToHexString(Models.Classifier.Bytes)} {Convert.ToHexString(Models.Classifier.OtherBytes)}", application.RunProgram().ShouldSucceed().Output.Trim());
        CollectionAssert.AreEqual(Models.Classifier.OtherBytes, System.IO.File.ReadAllBytes(application.InFolder("out/aimodels/Two/digits.onnx")));
    }

    [TestMethod]
    public void It_is_found_beside_a_single_file_that_extracts_itself()
    {
        var project = VariantProject.Application(("Load", "File")).WithProperty("IncludeAllContentForSelfExtract", "true");
        project.Run(["publish", "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier, "-p:PublishSingleFile=true", "--self-contained", "false", "-o", project.InFolder("out")]).ShouldSucceed();

        var run = DotnetCommand.RunPublished(project.InFolder("out/App"), new Dictionary<string, string?> { ["DOTNET_BUNDLE_EXTRACT_BASE_DIR"] = project.InFolder("extracted") }).ShouldSucceed();

        Assert.Contains(Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(System.IO.File.ReadAllBytes(project.InFolder($"out/{File}")))), run.Output);
    }

    [TestMethod]
    public void A_package_that_lacks_it_is_a_warning()
    {
        var project = VariantProject.Library(("Load", "File"), ("Device", "cpu"));

        var warning = project.Run(["pack", "-o", project.InFolder("out")]).ShouldWarnWith(DiagnosticCodes.ModelFilesNotPacked);

        Assert.EndsWith("App.csproj", warning.File);
    }

    [TestMethod]
    public void A_package_for_several_frameworks_that_lacks_it_is_one_warning()
    {
        var project = VariantProject.Library(("Load", "File"), ("Device", "cpu")).WithProperty("TargetFramework", "").WithProperty("TargetFrameworks", "net10.0;net9.0");

        project.Run(["pack", "-o", project.InFolder("out")]).ShouldWarnWith(DiagnosticCodes.ModelFilesNotPacked);
    }

    private static void Library(string folder, string name, byte[] model) => new TestProject(Path.Combine(folder, name), name)
        .WithFile("digits.onnx", model)
        .WithModel("digits.onnx", ("Load", "File"))
        .WithFile("Reader.cs", $"namespace {name} {{ public static class Reader {{ public static string Bytes {{ get {{ return System.Convert.ToHexString(AiModels.Digits.ReadAllBytes()); }} }} }} }}")
        .Write();

    private static TestProject Application(string folder, string program, params string[] libraries)
    {
        var application = new TestProject(Path.Combine(folder, "App")).WithProperty("OutputType", "Exe").WithProperty("UseAppHost", "false").WithFile("Program.cs", program);
        foreach (var library in libraries)
        {
            application.WithItem("ProjectReference", $"../{library}/{library}.csproj");
        }

        return application;
    }
}
