using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression.Tests.Reporting;

/// <summary>Reports that tests start from.</summary>
internal static class Reports
{
    /// <summary>A text recognizer with labels.</summary>
    public static CompressionReport Text => Digits with
    {
        Metric = new MetricReport("ctc", 400, 0.9697, 0.9693, 0.0004, [-0.001, 0.002]),
        Lines = new LinesReport(0.8525, 0.85, Labelled: true),
    };

    /// <summary>The example of the documentation, with every member set.</summary>
    public static CompressionReport Digits { get; } = new()
    {
        Model = "digits.onnx",
        Variant = "int8",
        Device = "cpu",
        Formats = new FormatsReport("uint8", "int8", PairBound: true),
        IntegerPorts = [new IntegerPortReport("image", "uint8", 0.0625, 3)],
        ToolVersion = "0.1.0",
        OriginalBytes = 1_660_000,
        CompressedBytes = 214_000,
        PackedBytes = 214_000,
        MemoryBytes = 230_000,
        Metric = new MetricReport("top1", 2000, 0.9775, 0.977, 0.0005, [-0.001, 0.002]),
        SqnrDb = 38.25,
        Top5Original = 1,
        Top5Compressed = 0.9995,
        Agreement = 0.9985,
        Cosine = 0.9999,
        Outputs = [new OutputReport("scores", 38.5, 0.9998), new OutputReport("hn", 20.25, 0.995)],
        States = [new StateReport("h", "hn")],
        Expected = new ExpectedReport(1500, 96.5, 37.75),
        Latency = new LatencyReport(0.42, 0.2, 0.2 / 0.42),
        Sparsity = 0.125,
        Layers = [new LayerReport("conv1", "Conv", "int8", 44.5, 6400, 1800, null) { OutputSqnrDb = 51.25 }, new LayerReport("gelu", "Gelu", "float", null, 0, 0, "no int8 kernel")],
        Regions = [new RegionReport("conv1 … conv2", "int8", ["conv1", "conv2"], 3, 12.5, 20.25, "bytes are faster"), new RegionReport("conv3", "int8-weights", ["conv3"], 1, null, null, "no opinion")],
        Search = new SearchReport("latency", Met: true, 5, 64, 30.5, 0.001, [new SearchedLayerReport("conv1", "int8", 42.5), new SearchedLayerReport("gelu", "float", null)]),
        Gates = [new GateReport("MaxAccuracyDrop", 0.005, 0.0005, true), new GateReport("MinSqnr", 30, null, false)],
        Warnings = [new WarningReport("AIM3002", "The validation set is small.")],
        Seconds = new Dictionary<string, double> { ["prepare"] = 0.25, ["evaluate"] = 1.5 },
    };
}
