using System.Globalization;
using ModelBuildTasks.Compression;
using ModelBuildTasks.Compression.Passes;

namespace Benchmarks.Formats;

/// <summary>What each effort makes of each format of each model: the SQNR, what it gains over rounding to the nearest, and the seconds that rounding takes.</summary>
internal static class RoundingTable
{
    /// <summary>Prints it as Markdown, with the mean gain of each format.</summary>
    /// <param name="efforts">The efforts, the first one being what the last one is compared with.</param>
    /// <param name="options">The models, the formats and the device.</param>
    public static int Run(IReadOnlyList<Effort> efforts, TableOptions options)
    {
        var device = TableDevice.Of(options.Device);
        Console.WriteLine($"| model | format |{string.Concat(efforts.Select(effort => $" {effort.ToString().ToLowerInvariant()} | seconds |"))} gain |");
        Console.WriteLine($"|---|---|{string.Concat(efforts.Select(_ => "---|---|"))}---|");
        var gains = options.Forms.ToDictionary(form => form.Name, _ => new List<double>());
        foreach (var prepare in FormatTable.Models(options))
        {
            var folder = Directory.CreateTempSubdirectory("rounding-").FullName;
            try
            {
                var model = prepare(folder);
                foreach (var form in options.Forms)
                {
                    var reports = efforts.Select(effort => ModelCompressor.Compress(form.Apply(FormatTable.Request(model, device, Path.Combine(folder, effort.ToString()))) with { Effort = effort }, null, CancellationToken.None).Report).ToArray();
                    var sqnrs = reports.Select(report => report.SqnrDb ?? double.NaN).ToArray();
                    gains[form.Name].Add(sqnrs[^1] - sqnrs[0]);
                    var cells = reports.Zip(sqnrs, (report, sqnr) => Invariant($" {sqnr:F1} dB | {report.Seconds.GetValueOrDefault("round"):F1} |"));
                    Console.WriteLine(Invariant($"| {model.Name} | {form.Name} |{string.Concat(cells)} {gains[form.Name][^1]:F1} dB |"));
                }
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        foreach (var (form, values) in gains)
        {
            Console.WriteLine(Invariant($"\n{form}: {efforts[^1].ToString().ToLowerInvariant()} is {values.Average():F1} dB above {efforts[0].ToString().ToLowerInvariant()}, the mean of {values.Count} models."));
        }

        return 0;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
