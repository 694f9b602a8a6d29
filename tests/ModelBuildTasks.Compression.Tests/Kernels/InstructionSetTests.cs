using System.Globalization;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Kernels;

/// <summary>Reruns every test of the kernels in processes with fewer instruction sets.</summary>
[TestClass]
public sealed class InstructionSetTests
{
    public required TestContext TestContext { get; init; }

    [TestMethod]
    [DataRow("DOTNET_EnableAVX512", 256)]
    [DataRow("DOTNET_EnableAVX2", 128)]
    [DataRow("DOTNET_EnableHWIntrinsic", 0)]
    public async Task Kernels_without_an_instruction_set_pass_their_tests_with_the_same_bits(string switchedOff, int widestVectorBits)
    {
        var folder = Directory.CreateTempSubdirectory("kernels-");
        try
        {
            var report = Path.Combine(folder.FullName, "report");
            var (exitCode, output) = await TestProcess.RunAsync(
                $"FullyQualifiedName~{typeof(InstructionSetTests).Namespace}.&FullyQualifiedName!~{nameof(InstructionSetTests)}",
                folder.FullName,
                new Dictionary<string, string> { [switchedOff] = "0", [KernelDigestTests.ReportVariable] = report },
                TestContext.CancellationToken);
            Assert.AreEqual(0, exitCode, output);

            var written = (await File.ReadAllTextAsync(report, TestContext.CancellationToken)).Split(' ');
            Assert.AreEqual(Math.Min(KernelDigestTests.VectorBits, widestVectorBits), int.Parse(written[0], CultureInfo.InvariantCulture), "The switch did not do what it is for.");
            Assert.AreEqual(KernelDigest.Compute(), written[1]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
