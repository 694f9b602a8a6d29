using ModelBuildTasks.Compression;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Evaluation;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Packaging;

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
            // The tool's preprocessing is what the runtime does at its basic level, and no more.
            var prepared = Path.Combine(request.OutputFolder, $"{Name}.prepared.onnx");
            ModelSession.Open(request.ModelPath, new SessionSettings { Optimization = SessionOptimization.Basic, OptimizedModelPath = prepared }).Dispose();
            using (var work = WorkFolder.Create(request.CacheFolder))
            using (var model = OnnxModel.Load(prepared, request.ModelPath, work.Path))
            {
                var ranges = RangeCollector.Collect(model, samples.Calibration!, samples.CalibrationIndices, CalibrationMethod.MinMax, null, CancellationToken.None);
                BaselineQuantization.Apply(model, ranges.Ranges);
                model.Save(path);
            }

            using var original = ModelSession.Open(request.ModelPath, new SessionSettings());
            using var compressed = ModelSession.Open(path, new SessionSettings { PreciseProducts = !request.Device.PairBound });
            var keys = request.Keys is null ? null : TextKeys.Load(request.Keys);
            var comparison = ModelComparison.Compare(original, [compressed], samples.Judged!, samples.JudgedIndices, request.Metric, keys, null, CancellationToken.None)[0];
            return new(Name, null, path, (double)new FileInfo(request.ModelPath).Length / new FileInfo(path).Length, comparison.SqnrDb, comparison.Metric);
        }
        catch (CompressionException exception)
        {
            return TableCell.OfRefusal(Name, exception.Code);
        }
    }
}
