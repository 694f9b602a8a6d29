using System.Diagnostics;

namespace ModelBuildTasks.Tests.Emulation;

/// <summary>Runs a .NET program with ONNX Runtime under an command, or directly.</summary>
internal static class EmulatedProgram
{
    /// <summary>No ICU, of which there is none for the other architecture; a heap that fits into an emulated address space (512 MB); no diagnostic pipes and no telemetry, which would leave files behind.</summary>
    private static readonly (string Name, string Value)[] settings =
    [
        ("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1"),
        ("DOTNET_GCHeapHardLimit", "0x20000000"),
        ("DOTNET_EnableDiagnostics", "0"),
        ("ORT_DISABLE_TELEMETRY", "1"),
    ];

    /// <summary>Runs it to its end and asserts that it succeeded.</summary>
    /// <param name="command">The emulator, or the program itself.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="patience">After that time it is ended, and the test fails.</param>
    /// <returns>What it wrote to both streams.</returns>
    public static string Run(string command, IReadOnlyList<string> arguments, TimeSpan patience)
    {
        var start = new ProcessStartInfo(command, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        var line = $"'{command} {string.Join(' ', arguments)}'";
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var streams = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        var ended = process.WaitForExit(patience);
        if (!ended)
        {
            process.Kill(entireProcessTree: true);
        }

        var output = string.Concat(streams.GetAwaiter().GetResult());
        Assert.IsTrue(ended, $"{line} was ended after {patience.TotalMinutes} minutes. It had said:\n{output}");
        Assert.AreEqual(0, process.ExitCode, $"{line} failed:\n{output}");
        return output;
    }
}
