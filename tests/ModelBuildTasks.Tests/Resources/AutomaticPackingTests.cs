using System.Security.Cryptography;
using ModelBuildTasks.Tests.Harness;

namespace ModelBuildTasks.Tests.Resources;

/// <summary>ResourceCompression="auto", the default: what was pruned is packed where that saves a tenth, and where the application can unpack it.</summary>
[TestClass]
public sealed class AutomaticPackingTests
{
    private static readonly string[] Packed = [PackedProject.ResourceName];
    private static readonly string[] Unpacked = ["AiModels.digits.onnx"];

    [TestMethod]
    public void A_pruned_model_is_packed_and_the_application_reads_it()
    {
        var project = Pruned("0.6").WithProperty("OutputType", "Exe").WithProperty("UseAppHost", "false")
            .WithFile("Program.cs", "System.Console.WriteLine(System.Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(AiModels.Digits.ReadAllBytes())));");

        project.Build().ShouldSucceed();

        CollectionAssert.AreEqual(Packed, BuiltAssembly.ResourceNames(project.AssemblyPath));
        Assert.IsLessThanOrEqualTo(0.9 * new FileInfo(project.Output("digits.onnx")).Length, new FileInfo(project.Output("digits.onnx.br")).Length);
        Assert.AreEqual(Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(project.Output("digits.onnx")))), project.RunProgram().ShouldSucceed().Output.Trim());
    }

    [TestMethod]
    public void A_model_that_is_not_pruned_is_not_packed()
    {
        var project = TestProject.WithClassifier();

        project.Build().ShouldSucceed();

        CollectionAssert.AreEqual(Unpacked, BuiltAssembly.ResourceNames(project.AssemblyPath));
    }

    [TestMethod]
    public void None_leaves_a_pruned_model_as_it_is()
    {
        var project = Pruned("0.6", ("ResourceCompression", "none"));

        project.Build().ShouldSucceed();

        CollectionAssert.AreEqual(Unpacked, BuiltAssembly.ResourceNames(project.AssemblyPath));
    }

    [TestMethod]
    public void A_model_beside_the_application_is_not_packed()
    {
        var project = Pruned("0.6", ("Load", "File"));

        project.Build().ShouldSucceed();

        Assert.IsEmpty(BuiltAssembly.ResourceNames(project.AssemblyPath));
        CollectionAssert.AreEqual(File.ReadAllBytes(project.Output("digits.onnx")), File.ReadAllBytes(project.InFolder("bin/Debug/net10.0/aimodels/App/digits.onnx")));
        Assert.IsFalse(File.Exists(project.Output("digits.onnx.br")));
    }

    [TestMethod]
    public void Of_several_frameworks_those_with_Brotli_are_packed_and_the_model_is_made_once()
    {
        var project = Pruned("0.6").WithProperty("TargetFramework", "").WithProperty("TargetFrameworks", "net10.0;netstandard2.1;netstandard2.0");

        project.Build().ShouldSucceed();

        CollectionAssert.AreEqual(Packed, BuiltAssembly.ResourceNames(project.InFolder("bin/Debug/net10.0/App.dll")));
        CollectionAssert.AreEqual(Packed, BuiltAssembly.ResourceNames(project.InFolder("bin/Debug/netstandard2.1/App.dll")));
        CollectionAssert.AreEqual(Unpacked, BuiltAssembly.ResourceNames(project.InFolder("bin/Debug/netstandard2.0/App.dll")));
        Assert.HasCount(1, Directory.GetFiles(project.InFolder("obj/aimodels/models"), "*.onnx"));
        project.Build().ShouldSucceed().ShouldNotCompress();
    }

    [TestMethod]
    public void A_language_without_an_accessor_gets_the_model_as_it_is()
    {
        var project = Pruned("0.6");
        project.Run(["restore"]).ShouldSucceed();

        project.Run(["msbuild", "-t:EmbedAiModels", "-p:Language=VB"]).ShouldSucceed().ShouldCompress();

        Assert.IsFalse(File.Exists(project.Output("digits.onnx.br")));
    }

    private static TestProject Pruned(string prune, params (string Name, string Value)[] metadata) =>
        TestProject.WithClassifier([("Prune", prune), ("PruneMethod", "magnitude"), ("MaxAccuracyDrop", "0.5"), .. metadata]);
}
