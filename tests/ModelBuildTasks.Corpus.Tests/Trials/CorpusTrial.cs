using ModelBuildTasks.Compression;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Reporting;
using ModelBuildTasks.Compression.Simplification;
using ModelBuildTasks.Corpus.Tests.Models;

namespace ModelBuildTasks.Corpus.Tests.Trials;

/// <summary>Takes one model through loading and saving, int8-weights and static int8, and judges each result against the original in ONNX Runtime.</summary>
internal sealed class CorpusTrial
{
    private readonly CorpusModel model;
    private readonly string folder;
    private readonly bool runs = true;
    private readonly IReadOnlyList<IReadOnlyDictionary<string, TensorValue>> samples = [];
    private readonly IReadOnlyList<ModelOutput>[] expected = [];

    /// <param name="model">The model.</param>
    /// <param name="folder">An empty folder for this trial's files.</param>
    public CorpusTrial(CorpusModel model, string folder)
    {
        this.model = model;
        this.folder = folder;
        try
        {
            samples = model.Samples();
            var outputs = samples.Select(sample => ModelOutput.Of(model.Path, sample)).ToArray();
            expected = model.IsRandom() ? [] : outputs;
        }
        catch (CompressionException)
        {
            // The runtime itself cannot run the model: there is nothing to compare with, and the trials say what our own code makes of it.
            samples = [];
            runs = false;
        }
    }

    /// <summary>Whether the runtime runs the original and its outputs are no random numbers.</summary>
    public bool IsCompared => expected.Length > 0;

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
        return differs ?? new(OutcomeKind.Unchanged, IsCompared ? "same bits" : "loads again; nothing to compare");
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
        var result = ModelCompressor.Compress(request, null, CancellationToken.None);
        return Judge(result.ModelPath, result.Report.Layers);
    });

    /// <summary>Static int8 calibrated on the test data. The result is judged also where it is larger than the original, which a build would keep.</summary>
    public Outcome Static() => Try(() =>
    {
        if (samples.Count == 0)
        {
            return new(OutcomeKind.Unchanged, runs ? "no test data of numeric tensors" : "ONNX Runtime does not run the original");
        }

        using var simplified = RuntimeSimplification.Load(model.Path, folder);
        var ranges = RangeCollector.Collect(simplified, new CorpusSamples(samples), [.. Enumerable.Range(0, samples.Count)], CalibrationMethod.Auto, null, CancellationToken.None);
        var layers = new StaticQuantization().Apply(simplified, new PassContext(DeviceProfile.Cpu, ranges, [], CancellationToken.None));
        var compressed = Path.Combine(folder, "static.onnx");
        simplified.Save(compressed);
        return Judge(compressed, layers);
    });

    private static Outcome Try(Func<Outcome> trial)
    {
        try
        {
            return trial();
        }
        catch (CompressionException refused) when (!refused.Code.StartsWith("AIM9", StringComparison.Ordinal))
        {
            return new(OutcomeKind.Refused, refused.Code, refused.Message);
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
        foreach (var (sample, original) in samples.Zip(expected))
        {
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
        }

        return null;
    }
}
