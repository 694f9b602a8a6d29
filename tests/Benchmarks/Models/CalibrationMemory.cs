using System.Diagnostics;
using System.Globalization;
using ModelBuildTasks.Corpus.Tests.Text;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Execution;

namespace Benchmarks.Models;

/// <summary>The memory of whole compressions, each in a process of its own, by the number of samples and the calibration method.</summary>
internal static class CalibrationMemory
{
    private static readonly int[] Counts = [16, 64, 256];

    /// <summary>Prints a table of peaks for a PP-OCR model on rendered text.</summary>
    /// <param name="model">A model with one input of pictures.</param>
    /// <param name="height">The height of the pictures.</param>
    /// <param name="width">Their width.</param>
    public static int Run(string model, int height, int width)
    {
        using (var session = ModelSession.Open(model, new SessionSettings()))
        {
            if (session.Inputs is not [{ Shape: [_, 3, _, _] }])
            {
                Console.Error.WriteLine($"{Path.GetFileName(model)} has no single input [n, 3, height, width].");
                return 1;
            }
        }

        var folder = Directory.CreateTempSubdirectory("benchmark-");
        try
        {
            Console.WriteLine($"| {Path.GetFileNameWithoutExtension(model)}, {height}×{width} | {string.Join(" | ", Counts.Select(count => $"{count} samples"))} |");
            Console.WriteLine($"|---{string.Concat(Counts.Select(_ => "|---"))}|");
            var files = Counts.ToDictionary(count => count, count => Path.Combine(folder.FullName, $"{count}.npy"));
            foreach (var (count, file) in files)
            {
                RenderedTextFile.Write(file, firstSeed: 0, count, height, width);
            }

            foreach (var method in Enum.GetValues<CalibrationMethod>().Order())
            {
                var peaks = Counts.Select(count => Peak(model, method, files[count]).ToString("F0", CultureInfo.InvariantCulture) + " MB");
                Console.WriteLine($"| {method.ToString().ToLowerInvariant()} | {string.Join(" | ", peaks)} |");
            }

            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static double Peak(string model, CalibrationMethod method, string calibration)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, ArgumentList = { "--peak-memory", method.ToString(), model, calibration } };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? double.Parse(output, CultureInfo.InvariantCulture) : throw new InvalidOperationException($"The compression ended with {process.ExitCode}.");
    }
}
