using System.Text;
using ModelBuildTasks.Compression.Packaging;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression;

/// <summary>Puts the results of a compression where the build looks for them.</summary>
internal static class Publication
{
    /// <summary>Copies the model, its report and its ranges out of the cache; each file appears whole, and an equal one is left alone.</summary>
    /// <param name="variant">The compressed model.</param>
    /// <param name="cache">Where it is.</param>
    /// <param name="packed">Where its packed form is; null where it has none, and an earlier one goes.</param>
    /// <param name="report">Its report.</param>
    public static CompressionResult Publish(CompressionVariant variant, ResultCache cache, string? packed, CompressionReport report)
    {
        var (request, keys) = (variant.Request, variant.Keys);
        var extension = request.Format.Extension();
        var model = Output(request, extension);
        var reportPath = Output(request, ".report.json");
        FileCopy.CopyWhenDifferent(cache.Model(keys.Compression, extension), model);
        var packedPath = model + BrotliFile.Extension;
        if (packed is null)
        {
            File.Delete(packedPath);
        }
        else
        {
            FileCopy.CopyWhenDifferent(packed, packedPath);
        }

        report = report with { PackedBytes = packed is null ? report.CompressedBytes : new FileInfo(packed).Length };
        var ranges = cache.Ranges(keys.Calibration);
        if (request.Ranges is null && !request.ComputesInFloat16 && File.Exists(ranges))
        {
            // Ranges belong to the model and not to a variant of it. Those of a variant in float16 are more, and decide next to nothing.
            FileCopy.CopyWhenDifferent(ranges, Path.Combine(request.OutputFolder, request.Name + ".ranges.json"));
        }

        ReportFile.Write(reportPath, report);
        AtomicFile.WriteWhenDifferent(Output(request, ".report.html"), Encoding.UTF8.GetBytes(ReportPage.Html(report)));
        return new(model, reportPath, report) { PackedPath = packed is null ? null : packedPath };
    }

    private static string Output(CompressionRequest request, string extension) => Path.Combine(request.OutputFolder, (request.OutputName ?? request.Name) + extension);
}
