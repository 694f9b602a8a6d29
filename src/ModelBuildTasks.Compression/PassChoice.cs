using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Quantization.Float16;
using ModelBuildTasks.Compression.Quantization.IntegerOnly;
using ModelBuildTasks.Compression.Quantization.Weights;
using ModelBuildTasks.Compression.Reporting;
using ModelBuildTasks.Compression.WeightSharing;

namespace ModelBuildTasks.Compression;

/// <summary>Which pass a device wants, and what its result is called.</summary>
internal static class PassChoice
{
    /// <summary>The pass of a request that asks for one.</summary>
    /// <param name="request">What is asked for, and the processor the result is for.</param>
    /// <param name="ranges">Activation ranges, or null where there are none.</param>
    /// <param name="found">The assignment that a search found, or null where none was made.</param>
    /// <param name="rounder">Rounds weights.</param>
    public static ICompressionPass Of(CompressionRequest request, ActivationRanges? ranges, FormatAssignment? found, IWeightRounder rounder) =>
        request.IntegerOnly ? new IntegerOnlyQuantization { Rounder = rounder }
        // Also where int8 is asked for: GPUs and NPUs run few integer operators between QuantizeLinear and DequantizeLinear, and all of them float16.
        : request.ComputesInFloat16 ? request.Share is { } share ? new SharedHalfPrecision(new SharedValues(share)) : new HalfPrecision()
        : request.Quantize == QuantizationMode.None && request.Share is null ? new KeptWeights()
        : new PostTrainingQuantization(found ?? Formats(request, ranges is not null))
        {
            AsOperators = request.Format == ModelFormat.QOperator,
            Rounder = rounder,
        };

    /// <summary>What rounds the weights of a request: to values that they share where these are asked for.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="rounder">Rounds to the possible values.</param>
    public static IWeightRounder Rounder(CompressionRequest request, IWeightRounder rounder) => request.Share is { } share ? new SharingRounder(rounder, new SharedValues(share)) : rounder;

    /// <summary>Whether activations are observed where there is data: for their ranges, or for the means that correct biases. Where layers compute in float16, weights alone have neither.</summary>
    public static bool Calibrates(CompressionRequest request) => request.Quantize switch
    {
        QuantizationMode.None => request.Share is not null,
        QuantizationMode.Int8 or QuantizationMode.Int16 or QuantizationMode.Float16 or QuantizationMode.Auto => true,
        _ => !request.ComputesInFloat16,
    };

    /// <summary>Whether channels between layers are scaled first: wherever activations are observed for bytes, so that all modes share one calibration.</summary>
    public static bool Equalizes(CompressionRequest request) => request.Corrections.Equalization && (request.IntegerOnly || !request.ComputesInFloat16) && Calibrates(request)
        && (request.Calibration.Count > 0 || request.Ranges is not null);

    /// <summary>Whether large channels of activations are divided before they are observed, where that pays for bytes: in the one calibration that all modes but float16 share.</summary>
    public static bool Smooths(CompressionRequest request) => request.Corrections.Smoothing && (request.IntegerOnly || !request.ComputesInFloat16);

    /// <summary>Whether nothing but weights is stored, which would lose by factors that were chosen for activations as bytes.</summary>
    public static bool StoresWeightsAlone(CompressionRequest request) => !request.ComputesInFloat16 && request.Quantize is QuantizationMode.None or QuantizationMode.Int8Weights or QuantizationMode.Int4Weights;

    /// <summary>
    /// Whether ranges are refined for the compressed model: where layers may compute on bytes, with the greatest effort. A trial runs the model in float from restored weights, which takes several times the compressed model's time,
    /// and gains are rare.
    /// </summary>
    public static bool Refines(CompressionRequest request) => request.Corrections.Ranges && request.RoundsBySamples && request.Effort == Effort.Best && !request.IntegerOnly
        && request.Quantize is (QuantizationMode.Int8 or QuantizationMode.Auto);

    private static FormatAssignment Formats(CompressionRequest request, bool hasRanges) => request.Quantize switch
    {
        QuantizationMode.None => FormatAssignment.Shared(new SharedValues(request.Share!)),
        QuantizationMode.Int4Weights => FormatAssignment.Int4Weights(new BlockOptions(request.BlockSize, request.Symmetric)),
        QuantizationMode.Int8Dynamic => FormatAssignment.Int8Dynamic,
        QuantizationMode.Int16 when hasRanges => FormatAssignment.Int16,
        QuantizationMode.Int8 when hasRanges => FormatAssignment.Int8,
        _ => FormatAssignment.Int8Weights,
    };

    /// <summary>The values of which that pass wants to know the ranges; null is all.</summary>
    public static IReadOnlySet<string>? Observed(CompressionRequest request, OnnxModel model) =>
        request.IntegerOnly ? null
        : request.ComputesInFloat16 ? HalfActivations.Of(model.EditGraph(), model.Opset) : ObservedActivations.Of(model.EditGraph());

    /// <summary>The values of which the mean of each channel is wanted, with the axis of the channels.</summary>
    public static IReadOnlyDictionary<string, int>? MeanAxes(CompressionRequest request, OnnxModel model) =>
        request.ComputesInFloat16 && !request.IntegerOnly ? null : Quantization.Corrections.MeanAxes.Of(model.EditGraph());

    /// <summary>What tells those values in a key: the two passes that want to know of more each have a calibration of their own, and all others share one.</summary>
    public static IEnumerable<string> ObservedKey(CompressionRequest request) =>
        [.. request.IntegerOnly ? ["every value"] : request.ComputesInFloat16 ? ["float16"] : Array.Empty<string>(), .. request.Corrections.Equalization ? Array.Empty<string>() : ["not equalized"], .. request.Corrections.Smoothing ? Array.Empty<string>() : ["not smoothed"]];

    /// <summary>What was done and not what was asked for: where every layer is inside a subgraph, activations stay float in spite of calibration data, and where weights were only pruned, all do.</summary>
    public static string Variant(CompressionRequest request, IReadOnlyList<LayerReport> layers) => request.IntegerOnly ? IntegerOnlyQuantization.Variant : LayerFormatNames.Of(
        Array.Find([LayerFormat.Float16, LayerFormat.Int8, LayerFormat.Int16, LayerFormat.Int8Dynamic, LayerFormat.Int4Weights, LayerFormat.Shared, LayerFormat.Int8Weights], format => layers.Any(layer => layer.Format == LayerFormatNames.Of(format))));

    /// <summary>What a request asks for, in the words of its metadata or of its device.</summary>
    public static string Asked(CompressionRequest request) => request.ComputesInFloat16 ? LayerFormatNames.Of(LayerFormat.Float16) : request.Quantize == QuantizationMode.None && request.Share is not null ? LayerFormatNames.Of(LayerFormat.Shared)
        : QuantizationModeNames.Of(request.Quantize);
}
