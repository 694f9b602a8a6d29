using System.Globalization;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Passes;

namespace Benchmarks.Models;

/// <summary>One model as int8 with the ranges of each calibration method, not refined: how good it is, and what the ranges took.</summary>
internal static class CalibrationMethods
{
    public static int Run(string model, string calibration, string validation)
    {
        var (floatSeconds, seconds) = CalibrationTiming.Measure(Path.GetFullPath(model), Path.GetFullPath(calibration));
        Print($"The float model over the calibration samples: {floatSeconds:F2} s");
        Print($"");
        Print($"| CalibrationMethod | SQNR | metric | size | calibration | of the float model's time |");
        Print($"|---|---|---|---|---|---|");
        foreach (var method in Enum.GetValues<CalibrationMethod>().Order())
        {
            var report = WholeProcess.Compress(model, [calibration], [validation], method, corrections: new CorrectionSwitches(Ranges: false));
            Print($"| {method.ToString().ToLowerInvariant()} | {report.SqnrDb:F2} dB | {report.Metric?.Name} {report.Metric?.Original:P2} → {report.Metric?.Compressed:P2} | {report.Ratio:F2}× smaller | {seconds[method]:F2} s | {seconds[method] / floatSeconds:F2}× |");
        }

        return 0;
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
