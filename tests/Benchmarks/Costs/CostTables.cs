using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using ModelBuildTasks.Compression.Devices;

namespace Benchmarks.Costs;

/// <summary>Fills the cost table of this machine, or holds one against it.</summary>
internal static class CostTables
{
    private const int Passes = 5;

    /// <summary>Below this, two measurements of one thing differ on a machine with other load.</summary>
    private const double Noise = 0.1;

    /// <summary>Measures everything and writes a table.</summary>
    /// <param name="path">The file.</param>
    /// <param name="measuredOn">The kind of processor in words; null takes the architecture.</param>
    public static int Write(string path, string? measuredOn)
    {
        var measured = Measure();
        var origin = new CostTableOrigin(
            measuredOn ?? RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant(),
            null,
            OrtEnv.Instance().GetVersionString(),
            DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        new CostTableFile(origin, measured.Borders, measured.Layers, measured.Elements).Save(path);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{path}: {measured.Layers.Count} classes of layers, {measured.Elements.Count} operators without weights"));
        return 0;
    }

    /// <summary>Measures everything and tells where a table has another opinion; fails where one is beyond noise.</summary>
    public static int Check(string path)
    {
        var table = CostTable.Load(path);
        var flips = 0;
        Console.WriteLine("| class | table: int8 / float | measured: int8 / float | |\n|---|---|---|---|");
        foreach (var cost in Measure().Layers)
        {
            if (table.Nearest(cost.Class) is not { } told)
            {
                continue;
            }

            var (before, now) = (told.Int8 / told.Float, cost.Int8 / cost.Float);
            var flip = before > 1 != now > 1 && Math.Abs(before - now) > Noise;
            flips += flip ? 1 : 0;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {Name(cost.Class)} | {before:F2} | {now:F2} | {(flip ? "**other decision**" : "")} |"));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{flips} decisions would be others by more than noise."));
        return flips == 0 ? 0 : 1;
    }

    /// <summary>The median of some passes, so that a slow minute of the machine spoils one measurement of each and not all of some.</summary>
    private static CostMeasurement Measure()
    {
        var passes = Enumerable.Range(0, Passes).Select(_ => CostMeasurement.Take()).ToArray();
        double Median(Func<CostMeasurement, double> number) => Rounded(passes.Select(number).Order().ElementAt(Passes / 2));
        return new CostMeasurement(
            new BorderCosts(Median(pass => pass.Borders.Start), Median(pass => pass.Borders.Quantize), Median(pass => pass.Borders.Dequantize), Median(pass => pass.Borders.LayoutToBytes), Median(pass => pass.Borders.LayoutToFloat)),
            [.. passes[0].Layers.Select((cost, i) => new LayerCost(cost.Class, Median(pass => pass.Layers[i].Float), Median(pass => pass.Layers[i].Int8)))],
            [.. passes[0].Elements.Select((cost, i) => new ElementCost(cost.Operator, Median(pass => pass.Elements[i].Float), Median(pass => pass.Elements[i].Int8)))]);
    }

    // Three digits: more would be noise in every difference of two files.
    private static double Rounded(double value) => double.Parse(value.ToString("G3", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static string Name(LayerClass layer) => layer.Operator == "Conv"
        ? string.Create(CultureInfo.InvariantCulture, $"Conv {layer.Dimensions}-D, kernel {layer.Kernel}, {layer.Groups}×({layer.Inputs} → {layer.Outputs})")
        : string.Create(CultureInfo.InvariantCulture, $"{layer.Operator} {layer.Inputs} → {layer.Outputs}");
}
