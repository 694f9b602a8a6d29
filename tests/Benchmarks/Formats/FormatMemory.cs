using System.Diagnostics;
using System.Globalization;
using Benchmarks.Models;
using ModelBuildTasks.Compression;

namespace Benchmarks.Formats;

/// <summary>What one compression takes, in a process of its own: peak resident memory, and seconds without and with judging.</summary>
internal static class FormatMemory
{
    public const string Command = "--format-memory";

    /// <summary>Two cells of the table.</summary>
    public static string Measure(BenchmarkModel model, string form, string device)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, ArgumentList = { Command, form, device, model.Name, model.Path, model.Calibration, model.Validation } };
        if (model.Keys is not null)
        {
            start.ArgumentList.Add(model.Keys);
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"The compression ended with {process.ExitCode}.");
    }

    /// <summary>Compresses with an empty cache and prints these cells.</summary>
    public static int Run(string form, string device, BenchmarkModel model)
    {
        var folder = Directory.CreateTempSubdirectory("formats-").FullName;
        try
        {
            var request = TableForm.Of(form).Apply(FormatTable.Request(model, TableDevice.Of(device), folder));
            var start = Stopwatch.GetTimestamp();
            var report = ModelCompressor.Compress(request, null, CancellationToken.None).Report;
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $" {PeakMemory.Megabytes:F0} MB | {seconds - report.Seconds.GetValueOrDefault("evaluate"):F1} s ({seconds:F1} s judged) |"));
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
