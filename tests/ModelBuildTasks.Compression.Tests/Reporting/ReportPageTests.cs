using System.Net;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression.Tests.Reporting;

[TestClass]
public sealed partial class ReportPageTests
{
    [TestMethod]
    public void The_page_shows_the_summary_the_gates_the_metric_the_warnings_and_the_layers()
    {
        var page = WebUtility.HtmlDecode(ReportPage.Html(Reports.Digits));

        Assert.Contains(SummaryLine.Of(Reports.Digits), page);
        Assert.Contains("<td>MaxAccuracyDrop</td><td class=\"number\">0.005</td><td class=\"number\">0.0005</td><td class=\"good\">passed</td>", page);
        Assert.Contains("<td>MinSqnr</td><td class=\"number\">30</td><td class=\"number\">–</td><td class=\"bad\">failed: not measured</td>", page);
        Assert.Contains("drop 0.0005, 95% interval -0.0010 to 0.0020", page);
        Assert.Contains("<td>SQNR (dB) of the expected outputs (1500 samples)</td><td class=\"number\">96.5</td><td class=\"number\">37.8</td>", page);
        Assert.Contains("AIM3002", page);
        Assert.Contains("<td class=\"name\">conv1</td><td>Conv</td><td>int8</td><td class=\"number\">44.5</td><td class=\"number\">51.3</td><td class=\"number\">6.40 KB</td><td class=\"number\">1.80 KB</td>", page);
        Assert.Contains("no int8 kernel", page);
        Assert.Contains("<td class=\"name\">conv1 … conv2</td><td>int8</td><td class=\"number\">3</td><td class=\"number\">12.5</td><td class=\"number\">20.3</td><td>bytes are faster</td>", page);
        Assert.Contains("<td class=\"name\">hn</td><td class=\"number\">20.3</td><td class=\"number\">0.995000</td><td class=\"name\">h</td>", page);
    }

    [TestMethod]
    public void The_page_tells_the_model_from_what_is_embedded_and_what_is_in_memory()
    {
        var page = WebUtility.HtmlDecode(ReportPage.Html(Reports.Digits with { PackedBytes = 130_000 }));

        Assert.Contains("<td>Model</td><td class=\"number\">1.66 MB</td><td class=\"number\">214 KB</td><td>7.8× smaller</td>", page);
        Assert.Contains("<td>In the application</td><td class=\"number\"></td><td class=\"number\">130 KB</td><td>12.8× smaller, packed with Brotli</td>", page);
        Assert.Contains("<td>Weights in memory</td><td class=\"number\"></td><td class=\"number\">230 KB</td>", page);
    }

    [TestMethod]
    public void The_page_of_a_text_recognizer_shows_its_lines()
    {
        var page = WebUtility.HtmlDecode(ReportPage.Html(Reports.Text));

        Assert.Contains("<td>ctc (400 samples)</td><td class=\"number\">0.9697</td><td class=\"number\">0.9693</td>", page);
        Assert.Contains("<td>Lines read right</td><td class=\"number\">0.8525</td><td class=\"number\">0.8500</td>", page);
        Assert.Contains("Lines read as the original", WebUtility.HtmlDecode(ReportPage.Html(Reports.Text with { Lines = new LinesReport(1, 0.98, Labelled: false) })));
    }

    [TestMethod]
    public void Text_of_a_model_cannot_become_markup()
    {
        const string Attack = "<script>alert(1)</script>\"'&";
        var page = ReportPage.Html(Reports.Digits with
        {
            Model = Attack,
            Variant = Attack,
            Device = Attack,
            ToolVersion = Attack,
            Metric = Reports.Digits.Metric! with { Name = Attack },
            Layers = [new LayerReport(Attack, Attack, Attack, null, 0, 0, Attack)],
            Gates = [new GateReport(Attack, 0, null, true)],
            Warnings = [new WarningReport(Attack, Attack)],
            Outputs = [new OutputReport(Attack, 0, 0)],
            States = [new StateReport(Attack, Attack)],
            Search = new SearchReport(Attack, Met: false, 1, 1, null, null, [new SearchedLayerReport(Attack, Attack, null)]),
            Regions = [new RegionReport(Attack, Attack, [Attack], 1, null, null, Attack)],
        });

        Assert.DoesNotContain("<script", page);
        Assert.DoesNotContain("alert(1)</", page);
    }

    [TestMethod]
    public void Nothing_is_fetched_from_elsewhere()
    {
        var page = ReportPage.Html(Reports.Digits);

        Assert.DoesNotContain("http", page);
        Assert.DoesNotContain("src=", page);
        Assert.DoesNotContain("url(", page);
        Assert.DoesNotContain("@import", page);
    }

    [TestMethod]
    public void Every_element_is_closed_also_without_data()
    {
        foreach (var report in new[] { Reports.Digits, Reports.Digits with { Metric = null, SqnrDb = null, Top5Original = null, Agreement = null, Cosine = null, Latency = null, Outputs = [], Layers = [], Gates = [], Warnings = [] } })
        {
            // Parsing as XML needs the void elements closed, and fails where any other is not.
            var root = XDocument.Parse(VoidElement().Replace(ReportPage.Html(report), "$0</meta>").Replace("<!DOCTYPE html>", "", StringComparison.Ordinal)).Root!;
            foreach (var table in root.Descendants("table"))
            {
                var columns = table.Descendants("th").Count();
                Assert.IsTrue(table.Descendants("tr").All(row => row.Elements().Count() == columns));
            }
        }
    }

    [GeneratedRegex("<meta [^>]*>")]
    private static partial Regex VoidElement();
}
