using ModelBuildTasks.Compression;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Reporting;
using ModelBuildTasks.Compression.Simplification;
using ModelBuildTasks.Corpus.Tests.Models;

namespace ModelBuildTasks.Corpus.Tests.Trials;

/// <summary>Takes one model through loading and saving, int8-weights, static int8, float16 and ONNX Runtime's own format, and judges each result against the original in ONNX Runtime and against the outputs in its test data.</summary>
internal sealed class CorpusTrial
{
    private readonly CorpusModel model;
    private readonly string folder;
    private readonly string refusal = "";
    private readonly IReadOnlyList<IReadOnlyDictionary<string, ModelValue>> samples = [];
    private readonly IReadOnlyList<ModelOutput>[] expected = [];
    private readonly IReadOnlyList<IReadOnlyList<ModelOutput>> written = [];
    private readonly string? originalDiffers;

    /// <param name="model">The model.</param>
    /// <param name="folder">An empty folder for this trial's files.</param>
    public CorpusTrial(CorpusModel model, string folder)
    {
        this.model = model;
        this.folder = folder;
        try
        {
            ModelSession.Open(model.Path, new SessionSettings()).Dispose();
            samples = model.Samples();
            var outputs = samples.Select(sample => ModelOutput.Of(model.Path, sample)).ToArray();
            expected = model.IsRandom() ? [] : outputs;
            NotCompared = samples.Count == 0 ? "no inputs were found on which it runs" : model.IsRandom() ? "its outputs are random" : null;
            written = samples.Count == 0 ? [] : ExpectedOutputs.Of(model);
            originalDiffers = written.Zip(outputs, (right, computed) => Differs(right, computed, ModelOutput.Difference)).FirstOrDefault(found => found is not null);
            if (originalDiffers is not null)
            {
                // What the runtime's float kernels do not reach, bytes need not reach either.
                written = [];
            }
        }
        catch (CompressionException refused)
        {
            // The runtime itself cannot run the model: there is nothing to compare with, and the trials say what our own code makes of it.
            samples = [];
            NotCompared = Reason(refused);
            refusal = refused.Message;
        }
    }

    /// <summary>Why the results are not compared with the original's; null where they are.</summary>
    public string? NotCompared { get; }

    /// <summary>The original in ONNX Runtime against the outputs in its test data: what it misses is no fault of ours, and not asked of a compressed model.</summary>
    public Outcome Original() => new(
        OutcomeKind.Unchanged,
        refusal.Length > 0 ? NotCompared!
        : originalDiffers is not null ? "ONNX Runtime computes something else than its test data says"
        : written.Sum(outputs => outputs.Count) == 0 ? "no expected outputs to compare"
        : "as its test data says",
        originalDiffers ?? "");

    /// <summary>Load, save, load: the outputs are the same bits.</summary>
    public Outcome RoundTrip() => Try(() =>
    {
        var saved = Path.Combine(folder, "saved.onnx");
        using (var loaded = OnnxModel.Load(model.Path))
        {
            loaded.EditGraph().Commit();
            loaded.Save(saved);
        }

        OnnxModel.Load(saved).Dispose();
        var differs = Compare(saved, (original, result) => original.IsSame(result) ? null : $"output '{original.Name}' has other bits");
        return differs ?? new(OutcomeKind.Unchanged, NotCompared is null ? "same bits" : $"loads again; not compared: {NotCompared}", refusal);
    });

    /// <summary>Simplified and nothing else: the same model but for the order in which floats are rounded.</summary>
    public Outcome Simplified() => Try(() =>
    {
        var written = Path.Combine(folder, "simplified-only.onnx");
        using (var simplified = RuntimeSimplification.Load(model.Path, Directory.CreateDirectory(Path.Combine(folder, "simplified")).FullName))
        {
            simplified.SaveWithShortNames(written);
        }

        return Compare(written, ModelOutput.Inexact) ?? new(OutcomeKind.Unchanged, NotCompared is null ? "same result" : $"simplified; not compared: {NotCompared}", refusal);
    });

    /// <summary>The whole way of a build that has no data.</summary>
    public Outcome Weights() => Try(() =>
    {
        var request = new CompressionRequest
        {
            ModelPath = model.Path,
            Name = "weights",
            OutputFolder = Path.Combine(folder, "output"),
            CacheFolder = Path.Combine(folder, "cache"),
            Quantize = QuantizationMode.Int8,
        };
        var (path, _, report) = ModelCompressor.Compress(request, null, CancellationToken.None);
        var outcome = Judge(path, report.Layers);
        return outcome.Kind == OutcomeKind.Unchanged && !report.Warnings.Any(warning => warning.Code == DiagnosticCodes.NothingCompressed)
            ? new(OutcomeKind.Defect, "unchanged without a code")
            : outcome;
    });

    /// <summary>Static int8 calibrated on the test data. The result is judged also where it is larger than the original, which a build would keep.</summary>
    public Outcome Static() => Try(() =>
    {
        if (samples.Count == 0)
        {
            return new(OutcomeKind.Unchanged, NotCompared!);
        }

        var compressed = Path.Combine(folder, "static.onnx");
        var layers = StaticInt8.Write(model.Path, samples, compressed);
        var outcome = Judge(compressed, layers);
        return outcome.Kind == OutcomeKind.Quantized && RestoredWeights.Of(compressed, folder) is [var restored, ..] ? new(OutcomeKind.Defect, "a weight is restored on each run", restored) : outcome;
    });

    /// <summary>The whole way of a build with data: weights are rounded by what layers read, and ranges refined.</summary>
    public Outcome Calibrated() => Try(() =>
    {
        if (samples.Count == 0)
        {
            return new(OutcomeKind.Unchanged, NotCompared!);
        }

        var (path, passes) = CalibratedInt8.Write(model, samples, folder);
        var outcome = Judge(path, passes.Layers);
        return outcome.Detail.Length > 0 ? outcome : outcome with { Detail = string.Join(", ", passes.Seconds.Select(phase => FormattableString.Invariant($"{phase.Key} {phase.Value} s"))) };
    });

    /// <summary>Float16 calibrated on the test data, as the device rounds; the file itself must run here too.</summary>
    public Outcome Half() => Try(() =>
    {
        if (samples.Count == 0)
        {
            return new(OutcomeKind.Unchanged, NotCompared!);
        }

        var (compressed, rounded) = (Path.Combine(folder, "half.onnx"), Path.Combine(folder, "rounded.onnx"));
        var layers = HalfFloat.Write(model.Path, samples, compressed, rounded);
        return Judge(compressed, layers) is { Kind: OutcomeKind.Defect } defect ? defect : Judge(rounded, layers);
    });

    /// <summary>The whole way of a build that has no data, in ONNX Runtime's own format. That format has no optional values (type 9 of TypeProto).</summary>
    public Outcome Ort() => Try(() =>
    {
        var request = new CompressionRequest
        {
            ModelPath = model.Path,
            Name = "ort",
            OutputFolder = Path.Combine(folder, "output"),
            CacheFolder = Path.Combine(folder, "cache"),
            Quantize = QuantizationMode.Int8,
            Format = ModelFormat.Ort,
        };
        try
        {
            var (path, _, report) = ModelCompressor.Compress(request, null, CancellationToken.None);
            return Judge(path, report.Layers);
        }
        catch (CompressionException refused) when (refused.Code == DiagnosticCodes.NoOrtFormat && refused.Message.Contains("We do not support type [9]", StringComparison.Ordinal))
        {
            return new(OutcomeKind.Refused, refused.Code, refused.Message);
        }
    });

    private static string Reason(CompressionException refused) =>
        refused.Code != DiagnosticCodes.ModelDoesNotRun ? $"its test data cannot be given to the runtime ({refused.Code})"
        : refused.Message.Contains("Could not find an implementation", StringComparison.Ordinal) ? "ONNX Runtime has no kernel for the types of an operator in it"
        : refused.Message.Contains("not a registered function/op", StringComparison.Ordinal) || refused.Message.Contains("opset", StringComparison.OrdinalIgnoreCase) ? "ONNX Runtime does not know an operator of it"
        : refused.Message.Contains("locale", StringComparison.Ordinal) ? "it needs a locale that the machine does not have"
        : "ONNX Runtime refuses it";

    /// <summary>The ranges of the values that calibration observes make the same model as those of every value.</summary>
    public Outcome Observed() => Try(() =>
    {
        if (samples.Count == 0)
        {
            return new(OutcomeKind.Unchanged, NotCompared!);
        }

        using var all = RuntimeSimplification.Load(model.Path, Directory.CreateDirectory(Path.Combine(folder, "all")).FullName);
        using var some = RuntimeSimplification.Load(model.Path, Directory.CreateDirectory(Path.Combine(folder, "some")).FullName);
        var ranges = RangeCollector.Collect(all, new CorpusSamples(samples), [.. Enumerable.Range(0, samples.Count)], CalibrationMethod.MinMax, null, CancellationToken.None);
        var observed = ObservedActivations.Of(all.EditGraph());
        var fewer = ranges with { Ranges = ranges.Ranges.Where(range => observed.Contains(range.Key)).ToDictionary() };
        var expected = new PostTrainingQuantization(FormatAssignment.Int8).Apply(all, new PassContext(DeviceProfile.Cpu, ranges, [], CancellationToken.None)).Layers;
        var actual = new PostTrainingQuantization(FormatAssignment.Int8).Apply(some, new PassContext(DeviceProfile.Cpu, fewer, [], CancellationToken.None)).Layers;
        return !expected.SequenceEqual(actual) || !all.Proto.Equals(some.Proto)
            ? new(OutcomeKind.Defect, "calibration observes too little", string.Join("; ", actual.Except(expected)))
            : new(OutcomeKind.Unchanged, "same model");
    });

    private Outcome Try(Func<Outcome> trial)
    {
        try
        {
            return trial();
        }
        catch (CompressionException refused) when (!refused.Code.StartsWith("AIM9", StringComparison.Ordinal))
        {
            // A model that works must never stop a build: compressed or not, it is embedded. Tests of operators that are about NaN and infinities calibrate nothing.
            return refusal.Length == 0 && refused.Code != DiagnosticCodes.DataNotFinite
                ? new(OutcomeKind.Defect, $"{refused.Code}, but ONNX Runtime runs the original", refused.Message)
                : new(OutcomeKind.Refused, refused.Code, refused.Message);
        }
        catch (Exception exception)
        {
            return new(OutcomeKind.Defect, (exception as CompressionException)?.Code ?? exception.GetType().Name, exception.ToString().ReplaceLineEndings(" "));
        }
    }

    private Outcome Judge(string compressed, IReadOnlyList<LayerReport> layers)
    {
        if (Compare(compressed, (original, result) => original.Defect(result)) is { } defect)
        {
            return defect;
        }

        return layers.FirstOrDefault(layer => layer.Format != "float") is { } quantized
            ? new(OutcomeKind.Quantized, layers.Any(layer => layer.Format == "int8") ? "int8" : quantized.Format)
            : new(OutcomeKind.Unchanged, layers is [{ Reason: { } reason }, ..] ? reason : "no layer with weights");
    }

    private Outcome? Compare(string result, Func<ModelOutput, ModelOutput, string?> defect)
    {
        for (var index = 0; index < expected.Length; index++)
        {
            var (sample, original) = (samples[index], expected[index]);
            IReadOnlyList<ModelOutput> outputs;
            try
            {
                outputs = ModelOutput.Of(result, sample);
            }
            catch (CompressionException refused)
            {
                return new(OutcomeKind.Defect, "does not load or run", refused.Message);
            }

            if (outputs.Count != original.Count)
            {
                return new(OutcomeKind.Defect, "wrong result", $"{original.Count} outputs became {outputs.Count}");
            }

            if (original.Zip(outputs, defect).FirstOrDefault(found => found is not null) is { } wrong)
            {
                return new(OutcomeKind.Defect, "wrong result", wrong);
            }

            if (index < written.Count && Differs(written[index], outputs, (right, computed) => right.Defect(computed)) is { } other)
            {
                return new(OutcomeKind.Defect, "other than its test data says", other);
            }
        }

        return null;
    }

    private static string? Differs(IReadOnlyList<ModelOutput> right, IReadOnlyList<ModelOutput> computed, Func<ModelOutput, ModelOutput, string?> defect) => right
        .Select(output => computed.FirstOrDefault(each => each.Name == output.Name) is { } found ? defect(output, found) : $"output '{output.Name}' is missing")
        .FirstOrDefault(found => found is not null);
}
