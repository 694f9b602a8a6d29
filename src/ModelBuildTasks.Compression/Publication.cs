using System.Text;
using ModelBuildTasks.Compression.Packaging;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression;

/// <summary>Puts the results of a compression where the build looks for them.</summary>
internal static class Publication
{
    /// <summary>Copies the model, its report and its ranges out of the cache; each file appears whole, and an equal one is left alone.</summary>
    public static CompressionResult Publish(CompressionRequest request, CompressionKeys keys, ResultCache cache, CompressionReport report)
    {
        var extension = request.Format.Extension();
        var model = Output(request, extension);
        var reportPath = Output(request, ".report.json");
        FileCopy.CopyWhenDifferent(cache.Model(keys.Compression, extension), model);
        var ranges = cache.Ranges(keys.Calibration);
        if (request.Ranges is null && !request.ComputesInFloat16 && File.Exists(ranges))
        {
            // Ranges belong to the model and not to a variant of it. Those of a variant in float16 are more, and decide next to nothing.
            FileCopy.CopyWhenDifferent(ranges, Path.Combine(request.OutputFolder, request.Name + ".ranges.json"));
        }

        ReportFile.Write(reportPath, report);
        AtomicFile.WriteWhenDifferent(Output(request, ".report.html"), Encoding.UTF8.GetBytes(ReportPage.Html(report)));
        return new(model, reportPath, report);
    }

    private static string Output(CompressionRequest request, string extension) => Path.Combine(request.OutputFolder, (request.OutputName ?? request.Name) + extension);
}
