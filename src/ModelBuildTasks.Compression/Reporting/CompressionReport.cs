namespace ModelBuildTasks.Compression.Reporting;

/// <summary>report.json: what a compression did and how good the result is. The shape is stable; numbers are numbers.</summary>
public sealed record CompressionReport
{
    /// <summary>The model's file name, without its folder.</summary>
    public required string Model { get; init; }

    /// <summary>What was done, for people: "int8".</summary>
    public required string Variant { get; init; }

    /// <summary>The device profile's name.</summary>
    public required string Device { get; init; }

    /// <summary>The numeric formats of that profile; null in reports of earlier versions.</summary>
    public FormatsReport? Formats { get; init; }

    /// <summary>The inputs and outputs that became integers; empty but for a model of integers only.</summary>
    public IReadOnlyList<IntegerPortReport> IntegerPorts { get; init; } = [];

    /// <summary>The version of ModelBuildTasks.</summary>
    public required string ToolVersion { get; init; }

    /// <summary>Bytes of the original model and its external data.</summary>
    public required long OriginalBytes { get; init; }

    /// <summary>Bytes of the compressed .onnx file.</summary>
    public required long CompressedBytes { get; init; }

    /// <summary>Bytes that the application carries: of the resource as it is embedded, or of the file beside the application.</summary>
    public required long PackedBytes { get; init; }

    /// <summary>Bytes of all weights as ONNX Runtime holds them once the compressed model is loaded: weights that it restores to float count as floats. What it computes with, and a second order of weights that suits the processor, come on top. Null where that was not measured.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Original / compressed bytes.</summary>
    public double Ratio => (double)OriginalBytes / CompressedBytes;

    /// <summary>Original bytes / those that the application carries.</summary>
    public double PackedRatio => (double)OriginalBytes / PackedBytes;

    /// <summary>The accuracy; null without data.</summary>
    public MetricReport? Metric { get; init; }

    /// <summary>SQNR over all outputs of the judged samples in dB, at most 200; null without data.</summary>
    public double? SqnrDb { get; init; }

    /// <summary>The share of samples whose label is among the five highest scores of the original; null without labels.</summary>
    public double? Top5Original { get; init; }

    /// <summary>The same for the compressed model.</summary>
    public double? Top5Compressed { get; init; }

    /// <summary>The share of samples on which both models choose the same class; null where no output is a class score.</summary>
    public double? Agreement { get; init; }

    /// <summary>The mean cosine similarity of the outputs; null without data.</summary>
    public double? Cosine { get; init; }

    /// <summary>The share of lines that a text recognizer reads right; null for other models.</summary>
    public LinesReport? Lines { get; init; }

    /// <summary>Each floating-point output for itself: a large one hides a broken small one in the numbers over all. Empty without data.</summary>
    public IReadOnlyList<OutputReport> Outputs { get; init; } = [];

    /// <summary>The inputs that the judging data left to the model itself.</summary>
    public IReadOnlyList<StateReport> States { get; init; } = [];

    /// <summary>How far both models are from the outputs that come with the data; null where none do.</summary>
    public ExpectedReport? Expected { get; init; }

    /// <summary>How fast both models are; null without data to run.</summary>
    public LatencyReport? Latency { get; init; }

    /// <summary>The share of weights that are zero, between 0 and 1.</summary>
    public double Sparsity { get; init; }

    /// <summary>What was pruned; null where nothing was asked for.</summary>
    public PruningReport? Pruning { get; init; }

    /// <summary>How weights share values; null where nothing was asked for.</summary>
    public SharingReport? Sharing { get; init; }

    /// <summary>What became of each layer.</summary>
    public IReadOnlyList<LayerReport> Layers { get; init; } = [];

    /// <summary>How the formats of layers were found; null where Quantize is not auto.</summary>
    public SearchReport? Search { get; init; }

    /// <summary>What computes on bytes together and what was dropped together; empty in reports of earlier versions and where nothing could compute on bytes.</summary>
    public IReadOnlyList<RegionReport> Regions { get; init; } = [];

    /// <summary>The gates as they were judged last.</summary>
    public IReadOnlyList<GateReport> Gates { get; init; } = [];

    /// <summary>Warnings that belong to the result.</summary>
    public IReadOnlyList<WarningReport> Warnings { get; init; } = [];

    /// <summary>Seconds per phase: prepare, prune, calibrate, search, round, refine, quantize, pack, evaluate.</summary>
    public IReadOnlyDictionary<string, double> Seconds { get; init; } = new Dictionary<string, double>();
}
