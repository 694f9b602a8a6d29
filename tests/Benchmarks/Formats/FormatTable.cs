using System.Globalization;
using ModelBuildTasks.Compression;
using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;

namespace Benchmarks.Formats;

/// <summary>The table of what each format makes of each model: size, quality, accuracy and speed, each against the float original.</summary>
internal static class FormatTable
{
    /// <summary>What only float rounding in another order separates is above this, in dB; no form with 8 or 16 bits is.</summary>
    private const double SqnrOfFloat = 100;

    /// <summary>Prints it as Markdown.</summary>
    public static int Run(TableOptions options) => Run(Models(options), options);

    /// <summary>The models that are asked for; each is prepared in a folder of its own.</summary>
    /// <exception cref="ArgumentException">A name is none of theirs.</exception>
    public static IReadOnlyList<Func<string, BenchmarkModel>> Models(TableOptions options)
    {
        if (options.Models is [var path, var calibration, var validation] && File.Exists(path))
        {
            return [_ => new BenchmarkModel(Path.GetFileNameWithoutExtension(path), Path.GetFullPath(path), Path.GetFullPath(calibration), Path.GetFullPath(validation))];
        }

        if (options.Models.FirstOrDefault(name => !BenchmarkModels.Has(name)) is { } unknown)
        {
            throw new ArgumentException($"There is no model '{unknown}': {string.Join(", ", BenchmarkModels.Names)} are.", nameof(options));
        }

        return [.. (options.Models.Count > 0 ? options.Models : BenchmarkModels.Names).Select(name => new Func<string, BenchmarkModel>(folder => BenchmarkModels.Prepare(name, folder)))];
    }

    private static int Run(IReadOnlyList<Func<string, BenchmarkModel>> models, TableOptions options)
    {
        var device = TableDevice.Of(options.Device);
        Console.WriteLine($"| model | format | smaller | SQNR | accuracy | drop (points) | faster |{(options.MeasuresMemory ? " peak memory | compressing |" : "")}");
        Console.WriteLine($"|---|---|---|---|---|---|---|{(options.MeasuresMemory ? "---|---|" : "")}");
        var gains = new List<double>();
        foreach (var prepare in models)
        {
            var folder = Directory.CreateTempSubdirectory("formats-").FullName;
            try
            {
                var model = prepare(folder);
                var cells = Cells(model, device, options.Forms, folder);
                foreach (var cell in cells)
                {
                    Console.WriteLine(Row(model.Name, cell) + (options.MeasuresMemory ? Memory(model, cell, options.Device) : ""));
                }

                gains.AddRange(GainOfInt8(cells));
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        if (gains.Count > 0)
        {
            Console.WriteLine(Invariant($"\nint8 is {gains.Average():F1} dB above the baseline, the mean of {gains.Count} models. Models that one of both left float are not counted."));
        }

        return 0;
    }

    private static TableCell[] Cells(BenchmarkModel model, DeviceProfile device, IReadOnlyList<TableForm> forms, string folder)
    {
        var request = Request(model, device, folder);
        using var session = ModelSession.Open(model.Path, SessionSettings.OnlyLoad);
        var samples = CompressionSamples.Open(request, session.Ports);
        TableCell[] cells = [BaselineCompression.Compress(request, samples), .. forms.Select(form => Compress(form, request))];
        var made = cells.Where(cell => cell.ModelPath is not null).ToArray();
        var speedups = RepeatedLatency.Speedups(model.Path, [.. made.Select(cell => cell.ModelPath!)], samples.Judged!, samples.FirstJudged());
        return [.. cells.Select(cell => Array.IndexOf(made, cell) is >= 0 and var index ? cell with { Speedup = speedups[index] } : cell)];
    }

    /// <summary>What every form starts with.</summary>
    public static CompressionRequest Request(BenchmarkModel model, DeviceProfile device, string folder) => new()
    {
        ModelPath = model.Path,
        Name = model.Name,
        OutputFolder = Path.Combine(folder, "output"),
        CacheFolder = Path.Combine(folder, "cache"),
        Calibration = [model.Calibration],
        Validation = [model.Validation],
        Keys = model.Keys,
        Device = device,
    };

    private static TableCell Compress(TableForm form, CompressionRequest request)
    {
        try
        {
            var result = ModelCompressor.Compress(form.Apply(request) with { OutputFolder = Path.Combine(request.OutputFolder, form.Name) }, null, CancellationToken.None);
            return new(form.Name, null, result.ModelPath, result.Report.Ratio, result.Report.SqnrDb, result.Report.Metric);
        }
        catch (CompressionException exception)
        {
            return TableCell.OfRefusal(form.Name, exception.Code);
        }
    }

    private static string Row(string model, TableCell cell) => cell.Refused is { } code
        ? $"| {model} | {cell.Form} | {code} | | | | |"
        : Invariant($"| {model} | {cell.Form} | {cell.Ratio:F2}× | {cell.SqnrDb:F1} dB | {cell.Metric?.Name} {cell.Metric?.Compressed:P2} | {100 * cell.Metric?.Drop:F2} | {cell.Speedup:F2}× |");

    private static string Memory(BenchmarkModel model, TableCell cell, string device) =>
        cell.Refused is null && cell.Form != BaselineCompression.Name ? FormatMemory.Measure(model, cell.Form, device) : " | |";

    private static IEnumerable<double> GainOfInt8(TableCell[] cells)
    {
        double? Of(string form) => cells.FirstOrDefault(cell => cell.Form == form)?.SqnrDb is { } sqnr and < SqnrOfFloat ? sqnr : null;
        return Of("int8") - Of(BaselineCompression.Name) is { } gain ? [gain] : [];
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
