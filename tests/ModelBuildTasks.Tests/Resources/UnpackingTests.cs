using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using ModelBuildTasks.Tests.Harness;
using ModelBuildTasks.Tests.Models;

namespace ModelBuildTasks.Tests.Resources;

/// <summary>The generated accessor unpacks a resource, and refuses one that is damaged.</summary>
[TestClass]
public sealed class UnpackingTests
{
    private const string Hashes =
        """
        using System;
        using System.IO;
        using System.Security.Cryptography;
        try
        {
            var bytes = AiModels.Digits.ReadAllBytes();
            using var stream = AiModels.Digits.OpenRead();
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            Console.WriteLine(Convert.ToHexString(SHA256.HashData(bytes)));
            Console.WriteLine(copy.ToArray().AsSpan().SequenceEqual(bytes) && stream.Length == bytes.Length && !stream.CanWrite ? "same" : "differ");
        }
        catch (InvalidDataException exception)
        {
            Console.WriteLine(exception.Message);
        }
        """;

    private static TestProject built = null!;
    private static byte[] assembly = null!;

    [ClassInitialize]
    public static void Build(TestContext context)
    {
        built = PackedProject.Program(Hashes);
        built.Build().ShouldSucceed();
        assembly = File.ReadAllBytes(built.AssemblyPath);
    }

    [TestMethod]
    public void It_gives_the_bytes_of_the_model()
    {
        File.WriteAllBytes(built.AssemblyPath, assembly);

        var lines = built.RunProgram().ShouldSucceed().Output.Split('\n', StringSplitOptions.TrimEntries);

        Assert.AreEqual(Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(built.Output("digits.onnx")))), lines[0]);
        Assert.AreEqual("same", lines[1]);
    }

    [TestMethod]
    public void It_runs_the_model()
    {
        var project = ReadingProgram.Of(PackedProject.Library());

        project.Build().ShouldSucceed();

        Assert.StartsWith("class 7", ReadingProgram.Run(project, 7).Output);
    }

    [TestMethod]
    public void It_opens_the_variant_for_the_processor()
    {
        var project = PackedProject.Program(Hashes).WithProperty("RuntimeIdentifiers", "linux-x64;linux-arm64;osx-arm64");
        project.Device = null;

        project.Build().ShouldSucceed();
        var run = project.RunProgram().ShouldSucceed();

        Assert.Contains(run.Output.Split('\n')[0].Trim(), Directory.GetFiles(project.OutputFolder, "digits.*.onnx").Select(file => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)))));
        Assert.Contains("same", run.Output);
    }

    [TestMethod]
    public void A_resource_of_another_size_is_told_before_anything_is_unpacked() => ShouldRefuse("bytes instead of", (resource, _) => BinaryPrimitives.WriteInt32LittleEndian(resource, BinaryPrimitives.ReadInt32LittleEndian(resource) - 1));

    [TestMethod]
    public void A_resource_that_is_no_Brotli_is_told() => ShouldRefuse("is damaged", (resource, _) => resource[4..].Fill(0xFF));

    [TestMethod]
    public void A_resource_that_ends_early_is_told() => ShouldRefuse("it unpacks to 1000 bytes instead of", (resource, _) => Packed(1000).CopyTo(resource[4..]));

    [TestMethod]
    public void A_resource_that_does_not_end_where_the_model_does_is_told() => ShouldRefuse("it unpacks to more bytes instead of", (resource, length) => Packed(length + 1).CopyTo(resource[4..]));

    [TestMethod]
    [DataRow("net10.0", null)]
    [DataRow("net10.0", "cpu")]
    [DataRow("net8.0", "cpu")]
    public void The_code_is_CSharp_7_3_without_warnings(string framework, string? device)
    {
        var project = PackedProject.Library()
            .WithProperty("TargetFramework", framework)
            .WithProperty("LangVersion", "7.3")
            .WithProperty("TreatWarningsAsErrors", "true")
            .WithProperty("AnalysisMode", "All")
            .WithProperty("GenerateDocumentationFile", "true")
            .WithProperty("IsAotCompatible", "true")
            .WithProperty("CheckForOverflowUnderflow", "true");
        project.Device = device;

        project.Build().ShouldSucceed();
    }

    [TestMethod]
    public void Models_called_like_its_members_compile()
    {
        var project = PackedProject.Library(("Name", "unpack"));
        foreach (var name in new[] { "damaged", "packed_length", "unpacked_length" })
        {
            project.WithModel("digits.onnx", ("Name", name), ("Quantize", "int8"), ("Calibration", "digits.npz"), ("ResourceCompression", "brotli"));
        }

        project.Build().ShouldSucceed();
    }

    /// <summary>Changes the resource inside the assembly: its length in four bytes, then its bytes.</summary>
    private static void ShouldRefuse(string reason, DamageAction damage)
    {
        var packed = BuiltAssembly.Resource(built.InFolder("obj/Debug/net10.0/App.dll"), PackedProject.ResourceName);
        var bytes = assembly.ToArray();
        damage(bytes.AsSpan(bytes.AsSpan().IndexOf(packed) - 4, packed.Length + 4), (int)new FileInfo(built.Output("digits.onnx")).Length);
        File.WriteAllBytes(built.AssemblyPath, bytes);

        var message = built.RunProgram().ShouldSucceed().Output;

        Assert.Contains($"The packed model in the resource '{PackedProject.ResourceName}' is damaged: ", message);
        Assert.Contains(reason, message);
    }

    private static byte[] Packed(int length)
    {
        using var packed = new MemoryStream();
        using (var stream = new BrotliStream(packed, CompressionLevel.Optimal))
        {
            stream.Write(new byte[length]);
        }

        return packed.ToArray();
    }

    private delegate void DamageAction(Span<byte> resource, int modelLength);
}
