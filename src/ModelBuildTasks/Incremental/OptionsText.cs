using System.Globalization;
using System.Text;
using ModelBuildTasks.Compression;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Items;

namespace ModelBuildTasks.Incremental;

/// <summary>What beside the content of files decides a result: options and tool, as one line. Thresholds are in it only where they steer a search, and the effort where samples tell how to round: else changing one compresses nothing.</summary>
internal static class OptionsText
{
    private const char Separator = '\u001f';

    /// <summary>The line of an item.</summary>
    public static string Of(ModelItem item)
    {
        var request = item.Request;
        var text = new StringBuilder();
        Append(text, typeof(CompressionRequest).Module.ModuleVersionId.ToString("N"));
        Append(text, typeof(OptionsText).Module.ModuleVersionId.ToString("N"));
        Append(text, item.OutputName);
        Append(text, ((int)request.Quantize).ToString(CultureInfo.InvariantCulture));
        Append(text, request.Quantize == QuantizationMode.Int4Weights ? string.Create(CultureInfo.InvariantCulture, $"{request.BlockSize} {request.Symmetric}") : "");
        Append(text, request.Prune is { } prune ? string.Create(CultureInfo.InvariantCulture, $"{prune.Text} {(int)prune.Method} {(request.PrunesBySamples ? (int)request.Effort : -1)}") : "");
        Append(text, request.Share?.ToString() ?? "");
        if (request.Quantize == QuantizationMode.Auto)
        {
            Append(text, ((int)request.OptimizeFor).ToString(CultureInfo.InvariantCulture));
            Append(text, request.MaxAccuracyDrop.ToString("R", CultureInfo.InvariantCulture));
            Append(text, request.MinSqnr?.ToString("R", CultureInfo.InvariantCulture) ?? "");
        }

        Append(text, request.RoundsBySamples ? ((int)request.Effort).ToString(CultureInfo.InvariantCulture) : "");
        Append(text, ((int)request.Metric).ToString(CultureInfo.InvariantCulture));
        Append(text, ((int)request.CalibrationMethod).ToString(CultureInfo.InvariantCulture));
        Append(text, request.Device.Name);
        Append(text, request.Device.Identity);
        Append(text, ((int)request.Format).ToString(CultureInfo.InvariantCulture));
        Append(text, request.IntegerOnly ? "integer only" : "");
        // One word for all that packs nothing, so that auto and none are the same without Prune and Share.
        Append(text, request.Packs ? request.ResourceCompression.ToString() : "");
        Append(text, request.OnnxRuntime?.ToString() ?? "");
        Append(text, item.CostsPath is null ? "" : "costs");
        Append(text, request.Ranges is null ? "calibrated" : "ranges");
        Append(text, request.Keys is null ? "" : "keys");
        AppendAll(text, request.Calibration);
        AppendAll(text, request.Validation);
        AppendAll(text, request.KeepFloat);
        AppendAll(text, request.Images.Mean);
        AppendAll(text, request.Images.StandardDeviation);
        Append(text, request.Images.Layout ?? "");
        Append(text, request.Images.KeepsSize ? "original" : request.Images.Size is { } size ? string.Create(CultureInfo.InvariantCulture, $"{size.Height}x{size.Width}") : "");
        return text.Replace('\r', ' ').Replace('\n', ' ').ToString();
    }

    private static void AppendAll(StringBuilder text, IReadOnlyList<string> values)
    {
        Append(text, values.Count.ToString(CultureInfo.InvariantCulture));
        foreach (var value in values)
        {
            Append(text, value);
        }
    }

    private static void AppendAll(StringBuilder text, IReadOnlyList<float>? values)
    {
        Append(text, (values?.Count ?? 0).ToString(CultureInfo.InvariantCulture));
        foreach (var value in values ?? [])
        {
            Append(text, value.ToString("R", CultureInfo.InvariantCulture));
        }
    }

    private static void Append(StringBuilder text, string value) => text.Append(value).Append(Separator);
}
