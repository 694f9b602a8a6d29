using ModelBuildTasks.Compression;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Evaluation;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Packaging;
using ModelBuildTasks.Compression.Simplification;

namespace Benchmarks.Formats;

/// <summary>A model as <see cref="BaselineQuantization"/> quantizes it, judged as the product judges its own.</summary>
internal static class BaselineCompression
{
    public const string Name = "baseline";

    public static TableCell Compress(CompressionRequest request, CompressionSamples samples)
    {
        Directory.CreateDirectory(request.OutputFolder);
        var path = Path.Combine(request.OutputFolder, $"{Name}.onnx");
        try
        {
            using (var work = WorkFolder.Create(request.CacheFolder))
            using (var model = RuntimeSimplification.Load(request.ModelPath, work.Path))
            {
                var ranges = RangeCollector.Collect(model, samples.Calibration!, samples.CalibrationIndices, CalibrationMethod.MinMax, null, CancellationToken.None);
                BaselineQuantization.Apply(model, ranges.Ranges);
                model.Save(path);
            }

            using var original = ModelSession.Open(request.ModelPath, new SessionSettings());
            using var compressed = ModelSession.Open(path, new SessionSettings { PreciseProducts = !request.Device.PairBound });
            var comparison = ModelComparison.Compare(original, compressed, samples.Judged!, samples.JudgedIndices, request.Metric, null, CancellationToken.None);
            return new(Name, null, path, (double)new FileInfo(request.ModelPath).Length / new FileInfo(path).Length, comparison.SqnrDb, comparison.Metric);
        }
        catch (CompressionException exception)
        {
            return TableCell.OfRefusal(Name, exception.Code);
        }
    }
}
