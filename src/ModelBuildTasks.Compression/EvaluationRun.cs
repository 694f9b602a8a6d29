using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Evaluation;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Packaging;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression;

/// <summary>Judges compressed models against their original.</summary>
internal static class EvaluationRun
{
    /// <summary>The report of each variant's evaluation key; made now unless the cache holds it. The original runs once for all of them.</summary>
    public static IReadOnlyList<CompressionReport> Run(IReadOnlyList<CompressionVariant> variants, ResultCache cache, CompressionSamples samples, PhaseClock clock, CancellationToken cancellationToken)
    {
        var reports = new Dictionary<string, CompressionReport>();
        var unknown = variants.Where(variant => !reports.ContainsKey(variant.Keys.Evaluation) && (Held(variant, cache) is not { } held || !reports.TryAdd(variant.Keys.Evaluation, held)))
            .DistinctBy(variant => variant.Keys.Evaluation).ToArray();
        if (unknown.Length > 0)
        {
            var evaluated = clock.Run("evaluate", progress => Evaluate(unknown, cache, samples, progress, cancellationToken));
            foreach (var (variant, report) in unknown.Zip(evaluated))
            {
                reports.Add(variant.Keys.Evaluation, Keep(variant, cache, report, clock));
            }
        }

        var judged = unknown.Select(variant => variant.Keys.Evaluation).ToHashSet();
        return [.. variants.Select(variant => OfVariant(variant, judged.Contains(variant.Keys.Evaluation), reports, cache, samples, clock, cancellationToken))];
    }

    private static CompressionReport? Held(CompressionVariant variant, ResultCache cache)
    {
        var entry = cache.Report(variant.Keys.Evaluation);
        return ResultCache.Holds(entry) && ReportFile.TryRead(entry, out var held) ? held : null;
    }

    private static CompressionReport Keep(CompressionVariant variant, ResultCache cache, CompressionReport report, PhaseClock clock)
    {
        var kept = report with { Seconds = Seconds(report.Seconds, variant.Passes.Seconds, variant.Clock.Seconds, clock.Seconds) };
        ReportFile.Write(cache.Report(variant.Keys.Evaluation), kept);
        return kept;
    }

    /// <summary>The report in a variant's own name. A latency is kept only where this processor is of its kind, and measured where it is missing: profiles of several kinds of processors share a compression.</summary>
    private static CompressionReport OfVariant(
        CompressionVariant variant, bool isNew, Dictionary<string, CompressionReport> reports, ResultCache cache, CompressionSamples samples, PhaseClock clock, CancellationToken cancellationToken)
    {
        var key = variant.Keys.Evaluation;
        var report = reports[key];
        var canBeTimed = CanBeTimed(variant);
        if (canBeTimed && samples.JudgedIndices.Count > 0 && (report.Latency is null || (variant.Request.RemeasureLatency && !isNew)))
        {
            var latency = clock.Run("evaluate", _ => Latency(variant, cache, samples, cancellationToken));
            report = reports[key] = Keep(variant, cache, report with { Latency = latency }, clock);
        }

        return report with { Model = Path.GetFileName(variant.Request.ModelPath), Device = variant.Request.Device.Name, Latency = canBeTimed ? report.Latency : null };
    }

    private static string ModelPath(CompressionVariant variant, ResultCache cache) => cache.Model(variant.Keys.Compression, variant.Request.Format.Extension());

    private static bool CanBeTimed(CompressionVariant variant) => variant.Request.Device.CanBeTimedOn(HostProcessor.Architecture);

    private static IEnumerable<CompressionReport> Evaluate(CompressionVariant[] variants, ResultCache cache, CompressionSamples samples, IProgress<double> progress, CancellationToken cancellationToken)
    {
        var request = variants[0].Request;
        var reports = Array.ConvertAll(variants, variant => Unjudged(variant, cache));
        if (samples.JudgedIndices.Count == 0)
        {
            // The bytes of an untouched model are the original's: there is nothing to check.
            return !request.Compresses ? reports : reports.Select(report => NotChecked(report, samples.Judged is null ? "there is no data" : "one sample is not enough to hold one out", " Add samples to Calibration or Validation."));
        }

        var keys = request.Keys is null ? null : TextKeys.Load(request.Keys);
        var compressed = new List<ModelSession>();
        try
        {
            using var original = ModelSession.Open(request.ModelPath, new SessionSettings());
            foreach (var variant in variants)
            {
                compressed.Add(JudgedModel.Open(variant, cache, Settings(variant.Request)));
            }

            var comparisons = ModelComparison.Compare(original, compressed, samples.Judged!, samples.JudgedIndices, request.Metric, keys, progress, cancellationToken);
            return [.. Enumerable.Range(0, variants.Length).Select(index => Judged(reports[index], comparisons[index], samples) with
            {
                Latency = CanBeTimed(variants[index]) ? Latency(variants[index], cache, original, compressed[index], samples, cancellationToken) : null,
            })];
        }
        finally
        {
            compressed.ForEach(session => session.Dispose());
        }
    }

    private static CompressionReport Unjudged(CompressionVariant variant, ResultCache cache)
    {
        var compressedBytes = new FileInfo(ModelPath(variant, cache)).Length;
        return new CompressionReport
        {
            Model = Path.GetFileName(variant.Request.ModelPath),
            Variant = variant.Passes.Variant,
            Device = variant.Request.Device.Name,
            Formats = Formats(variant.Request.Device),
            IntegerPorts = variant.Request.IntegerOnly ? IntegerPorts(OnnxSignature.Read(cache.Model(variant.Keys.Compression))) : [],
            ToolVersion = ToolIdentity.Version,
            OriginalBytes = RequestFiles.ModelBytes(variant.Request),
            CompressedBytes = compressedBytes,
            PackedBytes = compressedBytes,
            MemoryBytes = variant.Passes.MemoryBytes,
            Sparsity = variant.Passes.Sparsity,
            Layers = variant.Passes.Layers,
            Search = variant.Passes.Search,
            Pruning = variant.Passes.Pruning,
            Sharing = variant.Passes.Sharing,
            Regions = variant.Passes.Regions,
            Warnings = variant.Passes.Warnings,
        };
    }

    private static IntegerPortReport[] IntegerPorts(OnnxSignature signature) =>
    [
        .. signature.Inputs.Concat(signature.Outputs).Where(port => port.Quantization is not null)
            .Select(port => new IntegerPortReport(port.Name, ((TensorProto.Types.DataType)port.ElementType).ToString().ToLowerInvariant(), port.Quantization!.Scale, port.Quantization.ZeroPoint)),
    ];

    private static FormatsReport Formats(DeviceProfile device) => new(NumericFormatNames.Of(device.Activations), NumericFormatNames.Of(device.Weights), device.PairBound);

    private static CompressionReport Judged(CompressionReport report, Comparison comparison, CompressionSamples samples)
    {
        var judged = report with
        {
            Metric = comparison.Metric,
            SqnrDb = comparison.SqnrDb,
            Top5Original = comparison.Top5Original,
            Top5Compressed = comparison.Top5Compressed,
            Agreement = comparison.Agreement,
            Cosine = comparison.Cosine,
            Lines = comparison.Lines,
            Outputs = comparison.Outputs,
            Expected = comparison.Expected,
            States = [.. samples.Judged!.States.Select(state => new StateReport(state.Input.Name, state.Output.Name))],
        };
        return comparison.Metric is null
            ? NotChecked(judged, "the model has no floating-point output to compare", "")
            : judged with { Warnings = [.. report.Warnings, .. ExpectedAgreement.Check(comparison.Expected)] };
    }

    private static CompressionReport NotChecked(CompressionReport report, string reason, string remedy) =>
        report with { Warnings = [.. report.Warnings, new(DiagnosticCodes.AccuracyNotChecked, $"The accuracy was not checked, because {reason}.{remedy}")] };

    private static LatencyReport Latency(CompressionVariant variant, ResultCache cache, CompressionSamples samples, CancellationToken cancellationToken)
    {
        using var original = ModelSession.Open(variant.Request.ModelPath, new SessionSettings());
        using var compressed = JudgedModel.OpenTimed(variant, cache, new SessionSettings());
        return LatencyComparison.Measure(original, compressed, samples.FirstJudged(), samples.Judged!.States, cancellationToken);
    }

    private static LatencyReport Latency(CompressionVariant variant, ResultCache cache, ModelSession original, ModelSession judged, CompressionSamples samples, CancellationToken cancellationToken)
    {
        // Where every rounding is written down, there is more to compute than in the file that is shipped.
        using var shipped = JudgedModel.IsRounded(variant) ? JudgedModel.OpenTimed(variant, cache, new SessionSettings()) : null;
        return LatencyComparison.Measure(original, shipped ?? judged, samples.FirstJudged(), samples.Judged!.States, cancellationToken);
    }

    /// <summary>A model for processors that add products exactly is judged as these run it, also where the build host would saturate.</summary>
    private static SessionSettings Settings(CompressionRequest request) => new() { PreciseProducts = !request.Device.PairBound && !request.ComputesInFloat16 };

    private static Dictionary<string, double> Seconds(params ReadOnlySpan<IReadOnlyDictionary<string, double>> later)
    {
        var seconds = new Dictionary<string, double>();
        foreach (var phases in later)
        {
            foreach (var (phase, value) in phases)
            {
                seconds[phase] = value;
            }
        }

        return seconds;
    }
}
