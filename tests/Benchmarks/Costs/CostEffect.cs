using System.Globalization;
using Benchmarks.Models;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Devices;

namespace Benchmarks.Costs;

/// <summary>What cost tables make of a model: layers on bytes, quality, and how fast it then is on this machine.</summary>
internal static class CostEffect
{
    /// <param name="model">The model.</param>
    /// <param name="calibration">Its calibration data.</param>
    /// <param name="tables">Cost tables to compare, beside none at all.</param>
    public static int Run(string model, string calibration, IReadOnlyList<string> tables)
    {
        Console.WriteLine($"| {Path.GetFileNameWithoutExtension(model)} | layers int8 | SQNR | faster |\n|---|---|---|---|");
        foreach (var (name, costs) in tables.Select(path => (Path.GetFileNameWithoutExtension(path), CostTable.Load(path))).Prepend(("no table", CostTable.None)))
        {
            var report = WholeProcess.Compress(model, [calibration], [], CalibrationMethod.Auto, DeviceProfile.Cpu with { Costs = costs });
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {name} | {report.Layers.Count(layer => layer.Format == "int8")} of {report.Layers.Count} | {report.Outputs.Min(output => output.SqnrDb):F1} dB | {report.Latency?.OriginalMs / report.Latency?.CompressedMs:F2}× |"));
        }

        return 0;
    }
}
