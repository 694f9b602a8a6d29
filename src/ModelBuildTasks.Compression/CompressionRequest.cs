using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Evaluation;
using ModelBuildTasks.Compression.Packaging;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Pruning;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Quantization.Weights;
using ModelBuildTasks.Compression.Search;
using ModelBuildTasks.Compression.WeightSharing;

namespace ModelBuildTasks.Compression;

/// <summary>Everything a compression depends on, and where its results go. All paths are absolute.</summary>
public sealed record CompressionRequest
{
    /// <summary>The ONNX model to compress.</summary>
    public required string ModelPath { get; init; }

    /// <summary>The name in reports and output files.</summary>
    public required string Name { get; init; }

    /// <summary>Where the results go: &lt;output name&gt;.onnx or .ort, &lt;output name&gt;.report.json and, after a calibration, &lt;name&gt;.ranges.json.</summary>
    public required string OutputFolder { get; init; }

    /// <summary>What the results' files are called, without extension; null is <see cref="Name"/>. Variants of one model have several.</summary>
    public string? OutputName { get; init; }

    /// <summary>The local cache of earlier results, shared by configurations, target frameworks and runtime identifiers.</summary>
    public required string CacheFolder { get; init; }

    /// <summary>How weights and activations are stored.</summary>
    public QuantizationMode Quantize { get; init; } = QuantizationMode.None;

    /// <summary>What the model shall do without; null is nothing.</summary>
    public PruningOptions? Prune { get; init; }

    /// <summary>How many values the weights of a layer share; null where each may have its own.</summary>
    public SharingOptions? Share { get; init; }

    /// <summary>What <see cref="QuantizationMode.Auto"/> minimises once the accuracy holds.</summary>
    public OptimizationGoal OptimizeFor { get; init; } = OptimizationGoal.Latency;

    /// <summary>The greatest drop of the metric that <see cref="QuantizationMode.Auto"/> may take, a fraction between 0 and 1. Steers nothing else.</summary>
    public double MaxAccuracyDrop { get; init; } = 0.01;

    /// <summary>The least SQNR in dB that <see cref="QuantizationMode.Auto"/> must keep; null where the metric alone counts. Steers nothing else.</summary>
    public double? MinSqnr { get; init; }

    /// <summary>How long the better methods may take.</summary>
    public Effort Effort { get; init; } = Effort.Balanced;

    /// <summary>How many weights share a scale with <see cref="QuantizationMode.Int4Weights"/>: 16, 32, 64, 128 or 256.</summary>
    public int BlockSize { get; init; } = BlockOptions.Default.Size;

    /// <summary>Whether weights of four bits have no zero points.</summary>
    public bool Symmetric { get; init; } = BlockOptions.Default.IsSymmetric;

    /// <summary>Files or folders of samples that tell activation ranges.</summary>
    public IReadOnlyList<string> Calibration { get; init; } = [];

    /// <summary>Files or folders of samples that judge the result; where empty, a part of the calibration set is held out.</summary>
    public IReadOnlyList<string> Validation { get; init; } = [];

    /// <summary>How activation ranges are told from the calibration samples.</summary>
    public CalibrationMethod CalibrationMethod { get; init; } = CalibrationMethod.Auto;

    /// <summary>A committed ranges file to use instead of calibrating, or null.</summary>
    public string? Ranges { get; init; }

    /// <summary>How images become tensors.</summary>
    public ImageOptions Images { get; init; } = new();

    /// <summary>What the accuracy is.</summary>
    public Metric Metric { get; init; } = Metric.Auto;

    /// <summary>The characters that a text recognizer's classes stand for, one on each line of a UTF-8 file; null for other models. With it labels are texts.</summary>
    public string? Keys { get; init; }

    /// <summary>The processor the result is for.</summary>
    public DeviceProfile Device { get; init; } = DeviceProfile.Cpu;

    /// <summary>Node names or wildcard patterns of nodes that stay float.</summary>
    public IReadOnlyList<string> KeepFloat { get; init; } = [];

    /// <summary>How the result is written.</summary>
    public ModelFormat Format { get; init; } = ModelFormat.Qdq;

    /// <summary>The oldest ONNX Runtime that must load the result; null is the one in this package.</summary>
    public Version? OnnxRuntime { get; init; }

    /// <summary>Whether the result must be free of floating-point operators and take and give integers; their scales are in its metadata.</summary>
    public bool IntegerOnly { get; init; }

    /// <summary>Whether the result is packed too, as it goes into an assembly: &lt;output name&gt;.onnx.br or .ort.br. It decides no byte of the model.</summary>
    public ResourceCompression ResourceCompression { get; init; } = ResourceCompression.Auto;

    /// <summary>A folder for the graph after each step and nodes.json, which says of each node why not more; null writes none. It is made also where the cache holds the result, and decides no byte of that.</summary>
    public string? TraceFolder { get; init; }

    /// <summary>Whether layers compute in float16: it is asked for, or the device wants it whatever is asked for but nothing.</summary>
    internal bool ComputesInFloat16 => Quantize == QuantizationMode.Float16 || (Quantize != QuantizationMode.None && Device.ComputesInFloat16);

    /// <summary>Whether anything is asked for; else the result is the original.</summary>
    internal bool Compresses => Quantize != QuantizationMode.None || Prune is not null || Share is not null;

    /// <summary>Whether the result is packed, as long as that saves enough.</summary>
    internal bool Packs => ResourceCompression == ResourceCompression.Brotli || (ResourceCompression == ResourceCompression.Auto && (Prune is not null || Share is not null));

    /// <summary>Whether calibration samples tell what is pruned. Committed ranges promise the same bytes on every machine: with them samples decide only what is asked for by name.</summary>
    internal bool PrunesBySamples => Prune is { Method: not PruneMethod.Magnitude and var method } && Calibration.Count > 0 && (Ranges is null || method != PruneMethod.Auto);

    /// <summary>Whether calibration samples tell how weights are rounded: only then does <see cref="Effort"/> decide a byte. A committed ranges file promises the same bytes on every machine, and what layers read differs in its last bits between processors.</summary>
    internal bool RoundsBySamples => (Quantize != QuantizationMode.None || Share is not null) && !ComputesInFloat16 && Calibration.Count > 0 && Ranges is null;

    /// <summary>Measure the latency again although the cache has an earlier measurement.</summary>
    public bool RemeasureLatency { get; init; }

    /// <summary>Which corrections of quantization errors are made: all, but where a benchmark or a test asks what one is worth.</summary>
    internal CorrectionSwitches Corrections { get; init; } = CorrectionSwitches.All;
}
