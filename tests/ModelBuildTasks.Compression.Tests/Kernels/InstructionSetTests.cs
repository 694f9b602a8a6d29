using System.Diagnostics;
using System.Globalization;

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
            var (exitCode, output) = await RunKernelTestsAsync(switchedOff, report, folder.FullName);
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

    private async Task<(int ExitCode, string Output)> RunKernelTestsAsync(string switchedOff, string report, string resultsFolder)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        var assembly = typeof(InstructionSetTests).Assembly.Location;
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
        {
            start.ArgumentList.Add(assembly);
        }

        var room = typeof(InstructionSetTests).Namespace;
        foreach (var argument in new[] { "--filter", $"FullyQualifiedName~{room}.&FullyQualifiedName!~{nameof(InstructionSetTests)}", "--results-directory", resultsFolder, "--no-ansi" })
        {
            start.ArgumentList.Add(argument);
        }

        // What the platform told this process about its own run is not for the child.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("TESTINGPLATFORM", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            start.Environment.Remove(name);
        }

        start.Environment[switchedOff] = "0";
        start.Environment[KernelDigestTests.ReportVariable] = report;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(TestContext.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.CancellationToken);
        await process.WaitForExitAsync(TestContext.CancellationToken);
        return (process.ExitCode, output + await error);
    }
}
