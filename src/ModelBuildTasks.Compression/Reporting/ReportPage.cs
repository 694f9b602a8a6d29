using System.Text;
using System.Text.Encodings.Web;
using static System.FormattableString;

namespace ModelBuildTasks.Compression.Reporting;

/// <summary>A report as a page for people: one file without scripts and without anything from elsewhere, light or dark as the reader's system is.</summary>
internal static class ReportPage
{
    private const string Style =
        """
        :root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent); --bad: light-dark(#b3261e, #ff8a80); --good: light-dark(#1b6e3c, #7bd88f); }
        body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
        h1 { font-size: 1.4rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
        .scroll { overflow-x: auto; } table { border-collapse: collapse; }
        th, td { text-align: left; padding: .25rem .9rem .25rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
        td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        td.name { overflow-wrap: anywhere; } .bad { color: var(--bad); } .good { color: var(--good); } footer { margin-top: 2rem; opacity: .7; }
        """;

    /// <summary>The whole page; every text of the model is escaped.</summary>
    public static string Html(CompressionReport report)
    {
        var page = new StringBuilder();
        page.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n");
        page.Append($"<title>{Text(report.Model)} → {Text(report.Device)}</title>\n<style>\n{Style}\n</style>\n</head>\n<body>\n");
        page.Append($"<h1>{Text(report.Model)} → {Text(report.Device)}: {Text(report.Variant)}</h1>\n<p>{Text(SummaryLine.Of(report))}</p>\n");
        AppendFormats(page, report);
        AppendWarnings(page, report.Warnings);
        AppendGates(page, report.Gates);
        AppendFacts(page, report);
        AppendOutputs(page, report);
        AppendSearch(page, report.Search);
        AppendRegions(page, report.Regions);
        AppendLayers(page, report.Layers);
        page.Append($"<footer>ModelBuildTasks {Text(report.ToolVersion)}</footer>\n</body>\n</html>\n");
        return page.ToString();
    }

    private static void AppendFormats(StringBuilder page, CompressionReport report)
    {
        if (report.Formats is { } formats)
        {
            page.Append($"<p>Activations {Text(formats.Activations)}, weights {Text(formats.Weights)}{(formats.PairBound ? ", pair-bound" : "")}.</p>\n");
        }

        foreach (var port in report.IntegerPorts)
        {
            page.Append(Invariant($"<p>{Text(port.Name)}: {Text(port.Type)}, number = (integer − {port.ZeroPoint}) · {port.Scale:R}.</p>\n"));
        }
    }

    private static void AppendWarnings(StringBuilder page, IReadOnlyList<WarningReport> warnings)
    {
        foreach (var warning in warnings)
        {
            page.Append($"<p><strong>{Text(warning.Code)}</strong> {Text(warning.Message)}</p>\n");
        }
    }

    private static void AppendGates(StringBuilder page, IReadOnlyList<GateReport> gates)
    {
        if (gates.Count == 0)
        {
            return;
        }

        AppendTable(page, "Gates", [new("Gate"), new("Limit", IsNumber: true), new("Value", IsNumber: true), new("Result")]);
        foreach (var gate in gates)
        {
            var result = (gate.Passed, gate.Value) switch
            {
                (false, null) => "<td class=\"bad\">failed: not measured</td>",
                (false, _) => "<td class=\"bad\">failed</td>",
                (true, null) => "<td>not checked</td>",
                _ => "<td class=\"good\">passed</td>",
            };
            page.Append($"<tr><td>{Text(gate.Name)}</td>{Number(Invariant($"{gate.Limit:0.####}"))}{Number(gate.Value is { } value ? Invariant($"{value:0.####}") : "–")}{result}</tr>\n");
        }

        EndTable(page);
    }

    private static void AppendFacts(StringBuilder page, CompressionReport report)
    {
        AppendTable(page, "Result", [new(""), new("Original", IsNumber: true), new("Compressed", IsNumber: true), new("")]);
        AppendFact(page, "Model", SizeText.Format(report.OriginalBytes), SizeText.Format(report.CompressedBytes), Invariant($"{report.Ratio:0.0}× smaller"));
        AppendFact(page, "In the application", "", SizeText.Format(report.PackedBytes), report.PackedBytes == report.CompressedBytes ? "" : Invariant($"{report.PackedRatio:0.0}× smaller, packed with Brotli"));
        if (report.MemoryBytes is { } memory)
        {
            AppendFact(page, "Weights in memory", "", SizeText.Format(memory), "");
        }

        if (report.Metric is { } metric)
        {
            AppendFact(
                page,
                Invariant($"{metric.Name} ({metric.Samples} samples)"),
                Invariant($"{metric.Original:0.0000}"),
                Invariant($"{metric.Compressed:0.0000}"),
                Invariant($"drop {metric.Drop:0.0000}, 95% interval {metric.Interval[0]:0.0000} to {metric.Interval[1]:0.0000}"));
        }

        if (report.Lines is { } lines)
        {
            AppendFact(page, lines.Labelled ? "Lines read right" : "Lines read as the original", Invariant($"{lines.Original:0.0000}"), Invariant($"{lines.Compressed:0.0000}"), "");
        }

        if (report is { Top5Original: { } original, Top5Compressed: { } compressed })
        {
            AppendFact(page, "top5", Invariant($"{original:0.0000}"), Invariant($"{compressed:0.0000}"), "");
        }

        AppendCompressed(page, "Agreement", report.Agreement, "0.0000");
        AppendCompressed(page, "Cosine", report.Cosine, "0.000000");
        AppendCompressed(page, "SQNR (dB)", report.SqnrDb, "0.0");
        if (report.Expected is { } expected)
        {
            AppendFact(page, Invariant($"SQNR (dB) of the expected outputs ({expected.Samples} samples)"), Invariant($"{expected.OriginalSqnrDb:0.0}"), Invariant($"{expected.CompressedSqnrDb:0.0}"), "");
        }

        if (report.Latency is { } latency)
        {
            AppendFact(page, "Latency (ms)", Invariant($"{latency.OriginalMs:0.000}"), Invariant($"{latency.CompressedMs:0.000}"), SummaryLine.Speed(latency.Ratio));
        }

        AppendCompressed(page, "Sparsity", report.Sparsity, "0.0000");
        EndTable(page);
    }

    private static void AppendOutputs(StringBuilder page, CompressionReport report)
    {
        if (report.Outputs.Count == 0)
        {
            return;
        }

        AppendTable(page, "Outputs", [new("Output"), new("SQNR (dB)", IsNumber: true), new("Cosine", IsNumber: true), new("State of")]);
        foreach (var output in report.Outputs)
        {
            var state = report.States.FirstOrDefault(state => state.Output == output.Name)?.Input ?? "";
            page.Append($"<tr><td class=\"name\">{Text(output.Name)}</td>{Number(Invariant($"{output.SqnrDb:0.0}"))}{Number(Invariant($"{output.Cosine:0.000000}"))}<td class=\"name\">{Text(state)}</td></tr>\n");
        }

        EndTable(page);
    }

    private static void AppendCompressed(StringBuilder page, string name, double? value, string format)
    {
        if (value is { } number)
        {
            AppendFact(page, name, "", number.ToString(format, System.Globalization.CultureInfo.InvariantCulture), "");
        }
    }

    private static void AppendFact(StringBuilder page, string name, string original, string compressed, string remark)
        => page.Append($"<tr><td>{Text(name)}</td>{Number(original)}{Number(compressed)}<td>{Text(remark)}</td></tr>\n");

    private static void AppendSearch(StringBuilder page, SearchReport? search)
    {
        if (search is null)
        {
            return;
        }

        AppendTable(page, Invariant($"Search for {search.OptimizeFor}: {(search.Met ? "met" : "not met")} in {search.Trials} trials on {search.Samples} samples"), [new("Layer"), new("Format"), new("SQNR of the outputs with it alone (dB)", IsNumber: true)]);
        foreach (var layer in search.Layers)
        {
            page.Append($"<tr><td class=\"name\">{Text(layer.Name)}</td><td>{Text(layer.Format)}</td>{Number(layer.SqnrDb is { } value ? Invariant($"{value:0.0}") : "–")}</tr>\n");
        }

        EndTable(page);
    }

    private static void AppendRegions(StringBuilder page, IReadOnlyList<RegionReport> regions)
    {
        if (regions.Count == 0)
        {
            return;
        }

        AppendTable(page, "Regions", [new("Region"), new("Format"), new("Operators", IsNumber: true), new("int8 (µs)", IsNumber: true), new("float (µs)", IsNumber: true), new("Why")]);
        foreach (var region in regions)
        {
            page.Append($"<tr><td class=\"name\">{Text(region.Name)}</td><td>{Text(region.Format)}</td>{Number(Invariant($"{region.Operators}"))}");
            page.Append($"{Number(Microseconds(region.Int8Us))}{Number(Microseconds(region.FloatUs))}<td>{Text(region.Reason)}</td></tr>\n");
        }

        EndTable(page);
    }

    private static string Microseconds(double? value) => value is { } number ? Invariant($"{number:0.0}") : "–";

    private static string Decibels(double? value) => value is { } number ? Invariant($"{number:0.0}") : "–";

    private static void AppendLayers(StringBuilder page, IReadOnlyList<LayerReport> layers)
    {
        if (layers.Count == 0)
        {
            return;
        }

        AppendTable(page, "Layers", [new("Layer"), new("Operator"), new("Format"), new("SQNR of the weights (dB)", IsNumber: true), new("SQNR of the output (dB)", IsNumber: true), new("Before", IsNumber: true), new("After", IsNumber: true), new("Why it computes in float")]);
        foreach (var layer in layers)
        {
            page.Append($"<tr><td class=\"name\">{Text(layer.Name)}</td><td>{Text(layer.Op)}</td><td>{Text(layer.Format)}</td>{Number(Decibels(layer.SqnrDb))}{Number(Decibels(layer.OutputSqnrDb))}");
            page.Append($"{Number(SizeText.Format(layer.BytesBefore))}{Number(SizeText.Format(layer.BytesAfter))}<td>{Text(layer.Reason ?? "")}</td></tr>\n");
        }

        EndTable(page);
    }

    private static void AppendTable(StringBuilder page, string title, Column[] columns)
    {
        page.Append($"<h2>{Text(title)}</h2>\n<div class=\"scroll\"><table>\n<thead><tr>");
        foreach (var column in columns)
        {
            page.Append(column.IsNumber ? "<th class=\"number\">" : "<th>").Append(Text(column.Title)).Append("</th>");
        }

        page.Append("</tr></thead>\n<tbody>\n");
    }

    private static void EndTable(StringBuilder page) => page.Append("</tbody>\n</table></div>\n");

    private static string Number(string text) => $"<td class=\"number\">{Text(text)}</td>";

    private static string Text(string text) => HtmlEncoder.Default.Encode(text);

    private sealed record Column(string Title, bool IsNumber = false);
}
