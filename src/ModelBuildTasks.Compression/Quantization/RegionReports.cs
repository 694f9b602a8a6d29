using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>The regions of a plan in the words of a report.</summary>
internal static class RegionReports
{
    public static IReadOnlyList<RegionReport> Of(IReadOnlyList<PlanRegion> regions) =>
    [
        .. regions.Select(region => new RegionReport(
            region.Name, LayerFormatNames.Of(region.Format), [.. region.Layers.Select(layer => layer.DisplayName())], region.Operators.Count, Microseconds(region.Int8), Microseconds(region.Float), region.Reason)),
    ];

    private static double? Microseconds(double? nanoseconds) => nanoseconds is { } number ? Math.Round(number / 1000, 3) : null;
}
