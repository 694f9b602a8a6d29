using System.Globalization;
using System.Text.Json;

namespace EdgePublish;

/// <summary>What a target gets, in words.</summary>
internal sealed record VariantRow(string Target, string Device, string Activations, string Weights, string Size, string Accuracy, string Sqnr)
{
    public static VariantRow Of(string target, JsonElement report)
    {
        var formats = report.GetProperty("formats");
        var metric = report.GetProperty("metric");
        return new(
            target,
            report.GetProperty("device").GetString()!,
            formats.GetProperty("activations").GetString()!,
            formats.GetProperty("weights").GetString() + (formats.GetProperty("pairBound").GetBoolean() ? ", pair-bound" : ""),
            string.Create(CultureInfo.InvariantCulture, $"{report.GetProperty("originalBytes").GetInt64() / 1000.0:N0} → {report.GetProperty("packedBytes").GetInt64() / 1000.0:N0} KB"),
            string.Create(CultureInfo.InvariantCulture, $"{metric.GetProperty("original").GetDouble():P2} → {metric.GetProperty("compressed").GetDouble():P2}"),
            string.Create(CultureInfo.InvariantCulture, $"{report.GetProperty("sqnrDb").GetDouble():0.0} dB"));
    }
}
