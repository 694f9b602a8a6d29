using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Quantization.Float16;
using ModelBuildTasks.Compression.Quantization.IntegerOnly;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression;

/// <summary>Which pass a device wants, and what its result is called.</summary>
internal static class PassChoice
{
    /// <summary>The pass of a request that asks for one.</summary>
    /// <param name="request">What is asked for, and the processor the result is for.</param>
    /// <param name="ranges">Activation ranges, or null where there are none.</param>
    /// <param name="found">The assignment that a search found, or null where none was made.</param>
    public static ICompressionPass Of(CompressionRequest request, ActivationRanges? ranges, FormatAssignment? found) =>
        request.IntegerOnly ? new IntegerOnlyQuantization()
        // GPUs and NPUs run few integer operators between QuantizeLinear and DequantizeLinear, and all of them float16.
        : request.Device.ComputesInFloat16 ? new HalfPrecision()
        : new PostTrainingQuantization(found ?? (ranges is null ? FormatAssignment.Int8Weights : FormatAssignment.Int8));

    /// <summary>The values of which that pass wants to know the ranges; null is all.</summary>
    public static IReadOnlySet<string>? Observed(CompressionRequest request, OnnxModel model) =>
        request.IntegerOnly ? null
        : request.Device.ComputesInFloat16 ? HalfActivations.Of(model.EditGraph(), model.Opset) : ObservedActivations.Of(model.EditGraph());

    /// <summary>What tells those values in a key: the two passes that want to know of more each have a calibration of their own, and all others share one.</summary>
    public static IEnumerable<string> ObservedKey(CompressionRequest request) => request.IntegerOnly ? ["every value"] : request.Device.ComputesInFloat16 ? ["float16"] : [];

    /// <summary>What was done and not what was asked for: where every layer is inside a subgraph, activations stay float in spite of calibration data.</summary>
    public static string Variant(CompressionRequest request, IReadOnlyList<LayerReport> layers) => request.IntegerOnly ? IntegerOnlyQuantization.Variant : LayerFormatNames.Of(
        layers.Any(layer => layer.Format == LayerFormatNames.Of(LayerFormat.Float16)) ? LayerFormat.Float16
        : layers.Any(layer => layer.Format == LayerFormatNames.Of(LayerFormat.Int8)) ? LayerFormat.Int8
        : LayerFormat.Int8Weights);

    /// <summary>What a request asks for, in the words of its metadata or of its device.</summary>
    public static string Asked(CompressionRequest request) => request.Device.ComputesInFloat16 ? LayerFormatNames.Of(LayerFormat.Float16) : QuantizationModeNames.Of(request.Quantize);
}
