using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Evaluation;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Packaging;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression;

/// <summary>The one entry point: compresses a model, judges the result and reports.</summary>
public static class ModelCompressor
{
    /// <summary>Compresses the model of a request; reuses what the cache holds; publishes its outputs whole or not at all.</summary>
    /// <exception cref="CompressionException">The model, its data or the request are wrong.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; nothing was published.</exception>
    public static CompressionResult Compress(CompressionRequest request, IProgress<CompressionProgress>? progress, CancellationToken cancellationToken) =>
        Compress([request], progress, cancellationToken)[0];

    /// <summary>
    /// Compresses a model for several kinds of processors: it is simplified and calibrated once, and the original runs once to judge all of them. Variants whose profiles have the same content are one compression.
    /// </summary>
    /// <param name="variants">Requests that differ in <see cref="CompressionRequest.Device"/>, <see cref="CompressionRequest.OnnxRuntime"/>, <see cref="CompressionRequest.OutputName"/>,
    /// <see cref="CompressionRequest.TraceFolder"/> and <see cref="CompressionRequest.RemeasureLatency"/> only.</param>
    /// <param name="progress">Is told the phases.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>One result for each variant, in their order.</returns>
    /// <exception cref="ArgumentException">There is no variant, or they differ in something else.</exception>
    /// <exception cref="CompressionException">The model, its data or the request are wrong.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; nothing was published.</exception>
    public static IReadOnlyList<CompressionResult> Compress(IReadOnlyList<CompressionRequest> variants, IProgress<CompressionProgress>? progress, CancellationToken cancellationToken)
    {
        RequireOneModel(variants);
        var request = variants[0];
        foreach (var variant in variants)
        {
            RequestChecks.Check(variant);
        }

        var cache = new ResultCache(request.CacheFolder);
        var ports = Ports(request, variants.Select(variant => variant.OnnxRuntime));
        if (request.Keys is not null)
        {
            // Before anything expensive is done: only the evaluation needs them.
            var textKeys = TextKeys.Load(request.Keys);
            if (request.Metric == Metric.Ctc)
            {
                CtcOutput.RequirePossible(ports.Outputs, textKeys);
            }
        }

        var hashes = new Dictionary<string, string>();
        var keys = variants.Select(variant => CompressionKeys.Of(variant, (path, code) => hashes.TryGetValue(path, out var hash) ? hash : hashes[path] = ContentHash.OfFile(path, code))).ToArray();
        using var keyLocks = CacheLocks.Acquire(cache.Folder, keys.Select(key => key.Compression), cancellationToken);
        cache.RemoveExpired();

        var samples = CompressionSamples.Open(request, ports);
        var compressed = new List<CompressionVariant>(variants.Count);
        using (var work = WorkFolder.Create(cache.Folder))
        {
            var shared = new SharedPreparation(work);
            for (var index = 0; index < variants.Count; index++)
            {
                var clock = new PhaseClock(progress);
                compressed.Add(new(variants[index], keys[index], CompressionRun.Run(variants[index], keys[index], cache, samples, shared, clock, cancellationToken), clock));
            }
        }

        var packed = compressed.ConvertAll(variant => ResourcePacking.Run(variant, cache, cancellationToken));
        var reports = EvaluationRun.Run(compressed, cache, samples, new PhaseClock(progress), cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        return [.. compressed.Select((variant, index) => Publication.Publish(variant, cache, packed[index], reports[index]))];
    }

    private static void RequireOneModel(IReadOnlyList<CompressionRequest> variants)
    {
        if (variants.Count == 0 || !variants.All(variant => IsVariant(variant, variants[0])))
        {
            throw new ArgumentException("Variants of one model may differ in their device, their runtime and their output only.", nameof(variants));
        }
    }

    // Records compare their lists by reference, and each request may have lists of its own.
    private static bool IsVariant(CompressionRequest variant, CompressionRequest first) =>
        variant.Calibration.SequenceEqual(first.Calibration)
        && variant.Validation.SequenceEqual(first.Validation)
        && variant.KeepFloat.SequenceEqual(first.KeepFloat)
        && first == variant with
        {
            Calibration = first.Calibration,
            Validation = first.Validation,
            KeepFloat = first.KeepFloat,
            Device = first.Device,
            OnnxRuntime = first.OnnxRuntime,
            OutputName = first.OutputName,
            TraceFolder = first.TraceFolder,
            RemeasureLatency = first.RemeasureLatency,
        };

    // Our own loader first: it tells exactly what is wrong with a file, where the runtime has one message for everything.
    private static ModelPorts Ports(CompressionRequest request, IEnumerable<Version?> runtimes)
    {
        using (var model = OnnxModel.Load(request.ModelPath))
        {
            ModelChecks.RequireLoadable(request.ModelPath);
            // Compression keeps the operator set or raises it to 12, which every known runtime loads.
            RuntimeSupport.Require(runtimes.Min(), model, request.ModelPath);
            if (request.Compresses)
            {
                WeightChecks.RequireFinite(model, model.EditGraph());
            }
        }

        using var session = ModelSession.Open(request.ModelPath, SessionSettings.OnlyLoad);
        return session.Ports;
    }
}
