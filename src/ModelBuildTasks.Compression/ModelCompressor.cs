using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Packaging;
using ModelBuildTasks.Compression.Quantization;

namespace ModelBuildTasks.Compression;

/// <summary>The one entry point: compresses a model, judges the result and reports.</summary>
public static class ModelCompressor
{
    /// <summary>Compresses the model of a request; reuses what the cache holds; publishes its outputs whole or not at all.</summary>
    /// <exception cref="CompressionException">The model, its data or the request are wrong.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; nothing was published.</exception>
    public static CompressionResult Compress(CompressionRequest request, IProgress<CompressionProgress>? progress, CancellationToken cancellationToken)
    {
        var cache = new ResultCache(request.CacheFolder);
        var ports = Ports(request);
        var keys = CompressionKeys.Of(request, ContentHash.OfFile);
        using var keyLock = CacheLock.Acquire(cache.Folder, keys.Compression, cancellationToken);
        cache.RemoveExpired();

        var samples = CompressionSamples.Open(request, ports);
        var clock = new PhaseClock(progress);
        var passes = CompressionRun.Run(request, keys, cache, samples, clock, cancellationToken);
        var report = EvaluationRun.Run(request, keys, cache, samples, passes, clock, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        return Publication.Publish(request, keys, cache, report);
    }

    // Our own loader first: it tells exactly what is wrong with a file, where the runtime has one message for everything.
    private static ModelPorts Ports(CompressionRequest request)
    {
        using (var model = OnnxModel.Load(request.ModelPath))
        {
            ModelChecks.RequireLoadable(request.ModelPath);
            if (request.Quantize != QuantizationMode.None)
            {
                WeightChecks.RequireFinite(model, model.EditGraph());
            }
        }

        using var session = ModelSession.Open(request.ModelPath, SessionSettings.OnlyLoad);
        return session.Ports;
    }
}
