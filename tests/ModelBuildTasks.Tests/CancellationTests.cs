using System.Diagnostics;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Tests.Harness;
using ModelBuildTasks.Tests.Models;

namespace ModelBuildTasks.Tests;

/// <summary>A build that is ended in the middle of a compression leaves no process and no half-written file, and the next build is right.</summary>
[TestClass]
[OSCondition(OperatingSystems.Linux)]
public sealed class CancellationTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan TimeToEnd = TimeSpan.FromSeconds(2);

    [TestMethod]
    [DataRow(PosixSignalNumber.Interrupt, true, DisplayName = "Ctrl-C in a terminal")]
    [DataRow(PosixSignalNumber.Interrupt, false, DisplayName = "SIGINT to the build")]
    [DataRow(PosixSignalNumber.Terminate, false, DisplayName = "SIGTERM to the build")]
    [DataRow(PosixSignalNumber.Kill, false, DisplayName = "SIGKILL to the build")]
    public void Nothing_is_left_and_the_next_build_is_right(PosixSignalNumber signal, bool wholeGroup)
    {
        var project = new TestProject().WithFile("slow.onnx", SlowModel.Bytes).WithFile("slow.npz", SlowModel.Samples)
            .WithModel("slow.onnx", ("Quantize", "int8"), ("Calibration", "slow.npz"));
        project.Run(["restore"]).ShouldSucceed();
        using (var build = project.Start(["build", "--no-restore", "-p:UseSharedCompilation=false"], out _))
        {
            WaitForTheMiddleOfTheCompression(build);

            OwnProcesses.Signal(wholeGroup ? -build.ProcessId : build.ProcessId, signal);

            ShouldEndInTime(build);
        }

        FolderSnapshot.ShouldHaveNoTemporaryFile(project.InFolder("obj"));
        Assert.IsFalse(File.Exists(project.Output("slow.onnx")));
        Assert.IsFalse(File.Exists(project.AssemblyPath));
        project.WithFile("slow.npz", SlowModel.FewSamples);
        project.Build().ShouldSucceed().ShouldCompress();
        CollectionAssert.AreEqual(File.ReadAllBytes(project.Output("slow.onnx")), BuiltAssembly.Resource(project.AssemblyPath, "AiModels.slow.onnx"));
    }

    [TestMethod]
    public void Earlier_results_stay_when_a_build_is_killed()
    {
        var project = new TestProject().WithFile("slow.onnx", SlowModel.Bytes).WithFile("slow.npz", SlowModel.FewSamples)
            .WithModel("slow.onnx", ("Quantize", "int8"), ("Calibration", "slow.npz"));
        project.Build().ShouldSucceed();
        var before = FolderSnapshot.Of(project.OutputFolder);
        project.WithFile("slow.npz", SlowModel.Samples);
        using (var build = project.Start(["build", "--no-restore"], out _))
        {
            WaitForTheMiddleOfTheCompression(build);

            OwnProcesses.Signal(build.ProcessId, PosixSignalNumber.Kill);

            ShouldEndInTime(build);
        }

        before.ShouldBeIntact();
        project.WithFile("slow.npz", SlowModel.FewSamples);
        var model = File.ReadAllBytes(project.Output("slow.onnx"));
        project.Build().ShouldSucceed();
        CollectionAssert.AreEqual(model, File.ReadAllBytes(project.Output("slow.onnx")));
    }

    [TestMethod]
    public void A_compressor_that_dies_is_an_error_of_the_build_and_the_next_build_is_right()
    {
        var project = new TestProject().WithFile("slow.onnx", SlowModel.Bytes).WithFile("slow.npz", SlowModel.Samples)
            .WithModel("slow.onnx", ("Quantize", "int8"), ("Calibration", "slow.npz"));
        project.Run(["restore"]).ShouldSucceed();
        using (var build = project.Start(["build", "--no-restore"], out var log))
        {
            var compressor = WaitForTheMiddleOfTheCompression(build);

            OwnProcesses.Signal(compressor, PosixSignalNumber.Kill);

            build.WaitForExit().ShouldFail();
            Assert.Contains(DiagnosticCodes.CompressorCrashed, BuildLog.Read(log).Errors.Select(error => error.Code));
        }

        project.WithFile("slow.npz", SlowModel.FewSamples);
        project.Build().ShouldSucceed().ShouldCompress();
    }

    /// <returns>The process that compresses.</returns>
    private static int WaitForTheMiddleOfTheCompression(DotnetCommand build)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var compressor = OwnProcesses.Marked(build.Mark).FirstOrDefault(id => id != build.ProcessId && OwnProcesses.HasMapped(id, "libonnxruntime"));
            if (compressor != 0)
            {
                return compressor;
            }

            Assert.IsLessThan(Patience, clock.Elapsed, "No process loaded ONNX Runtime.");
            Thread.Sleep(20);
        }
    }

    private static void ShouldEndInTime(DotnetCommand build)
    {
        var clock = Stopwatch.StartNew();
        int[] left;
        while ((left = OwnProcesses.Marked(build.Mark)).Length > 0 && clock.Elapsed < TimeToEnd)
        {
            Thread.Sleep(20);
        }

        Assert.IsEmpty(left, $"After {TimeToEnd.TotalSeconds} s there are still\n{string.Join('\n', left.Select(OwnProcesses.Describe))}");
    }
}
