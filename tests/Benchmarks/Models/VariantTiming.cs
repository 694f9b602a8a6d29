using System.Diagnostics;
using System.Globalization;
using ModelBuildTasks.Compression;
using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Quantization;

namespace Benchmarks.Models;

/// <summary>
/// What more variants of a model cost: one target, three at a time (a library, or a project with RuntimeIdentifiers), and three one after the other over one cache (three publishes of an application). Each starts
/// with an empty cache; medians of interleaved rounds.
/// </summary>
internal static class VariantTiming
{
    private const int Rounds = 5;

    public static int Run(string model, string calibration, IReadOnlyList<string> validation)
    {
        var x64 = new DeviceProfile { Name = "x64", PairBound = true, Costs = CostTable.X64, Architectures = ["x64"] };
        var arm64 = new DeviceProfile { Name = "arm64", Activations = NumericFormat.Int8, Costs = CostTable.X64, Architectures = ["arm64"] };
        var vnni = x64 with { Name = "x64-vnni", PairBound = false };
        (string Name, Action<string> Work)[] ways =
        [
            ("one target: linux-x64", cache => Compress(cache, [x64])),
            ("three targets at a time: linux-x64, linux-arm64, win-x64", cache => Compress(cache, [x64, arm64, x64 with { Name = "x64 again" }])),
            ("three targets, one after the other", cache => Array.ForEach([x64, arm64, x64 with { Name = "x64 again" }], device => Compress(cache, [device]))),
            ("three different variants at a time: x64, arm64, x64-vnni", cache => Compress(cache, [x64, arm64, vnni])),
        ];
        // Compiles everything once.
        Array.ForEach(ways, way => Time(way.Work));
        var times = ways.Select(_ => new double[Rounds]).ToArray();
        for (var round = 0; round < Rounds; round++)
        {
            for (var way = 0; way < ways.Length; way++)
            {
                times[way][round] = Time(ways[way].Work);
            }
        }

        var medians = Array.ConvertAll(times, values => values.Order().ElementAt(Rounds / 2));
        Console.WriteLine($"| {Path.GetFileNameWithoutExtension(model)} | seconds | of one |");
        Console.WriteLine("|---|---|---|");
        for (var way = 0; way < ways.Length; way++)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {ways[way].Name} | {medians[way]:F2} | {medians[way] / medians[0]:F2} |"));
        }

        return 0;

        void Compress(string folder, DeviceProfile[] devices)
        {
            var request = new CompressionRequest
            {
                ModelPath = Path.GetFullPath(model),
                Name = "model",
                OutputFolder = Path.Combine(folder, "out"),
                CacheFolder = Path.Combine(folder, "cache"),
                Quantize = QuantizationMode.Int8,
                Calibration = [Path.GetFullPath(calibration)],
                Validation = [.. validation.Select(Path.GetFullPath)],
            };
            ModelCompressor.Compress(Array.ConvertAll(devices, device => request with { Device = device, OutputName = $"model.{device.Name}" }), null, CancellationToken.None);
        }
    }

    private static double Time(Action<string> work)
    {
        var folder = Directory.CreateTempSubdirectory("benchmark-").FullName;
        try
        {
            var start = Stopwatch.GetTimestamp();
            work(folder);
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
