using System.Globalization;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Packaging;
using ModelBuildTasks.Compression.Quantization;

namespace ModelBuildTasks.Compression;

/// <summary>The keys of a compression: results with equal keys are equal, wherever the files lie and whenever they were touched.</summary>
/// <param name="Calibration">Model, what of it is pruned, calibration data and method.</param>
/// <param name="Compression">Calibration key, options, device profile and tool; for a search also what steers it: thresholds, metric and the keys of a text recognizer.</param>
/// <param name="Evaluation">Compression key, validation data, metric and the keys of a text recognizer.</param>
internal sealed record CompressionKeys(string Calibration, string Compression, string Evaluation)
{
    /// <summary>Model, what is pruned, and the calibration data where these tell what; null where nothing is pruned.</summary>
    public string? Pruning { get; init; }

    /// <summary>Makes the keys of a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="contentHash">The hash of a file's content; the second argument is the error code should it be unreadable.</param>
    public static CompressionKeys Of(CompressionRequest request, Func<string, string, string> contentHash)
    {
        var model = RequestFiles.Model(request).Select(file => contentHash(file, DiagnosticCodes.ModelUnreadable)).ToArray();
        var calibrationData = Data(request.Calibration, contentHash);
        var images = Images(request.Images);
        var held = request.Validation.Count == 0 ? "held-out" : "all";
        var pruning = Prune(request) is { } prune ? ContentHash.OfTexts(["pruning", ToolIdentity.Hash, .. model, .. prune, .. request.PrunesBySamples ? ["data", .. calibrationData, held, .. images] : Array.Empty<string>()]) : null;
        var calibration = ContentHash.OfTexts(["calibration", ToolIdentity.Hash, .. model, "data", .. calibrationData, held, .. images, CalibrationMethodNames.Of(request.CalibrationMethod), .. PassChoice.ObservedKey(request), pruning ?? ""]);
        var keys = request.Keys is null ? "" : contentHash(request.Keys, DiagnosticCodes.KeysInvalid);
        var ranges = request.Ranges is null ? "calibrated" : contentHash(request.Ranges, DiagnosticCodes.RangesInvalid);
        var compression = ContentHash.OfTexts(["compression", calibration, ranges, request.Quantize.ToString(), request.Device.Identity, request.Format.ToString(), request.IntegerOnly ? "integer-only" : "", request.Corrections.ToString(), .. Blocks(request), .. Effort(request), .. Sharing(request), .. request.KeepFloat, .. Search(request, keys)]);
        var evaluation = ContentHash.OfTexts(["evaluation", compression, request.Metric.ToString(), keys, .. Data(request.Validation, contentHash)]);
        return new(calibration, compression, evaluation) { Pruning = pruning };
    }

    // Thresholds, and what the accuracy is, steer the search and nothing else that makes bytes.
    private static IEnumerable<string> Search(CompressionRequest request, string keys) => request.Quantize != QuantizationMode.Auto ? [] :
    [
        "search",
        request.OptimizeFor.ToString(),
        request.Metric.ToString(),
        keys,
        request.MaxAccuracyDrop.ToString("R", CultureInfo.InvariantCulture),
        request.MinSqnr?.ToString("R", CultureInfo.InvariantCulture) ?? "",
    ];

    private static IEnumerable<string> Data(IReadOnlyList<string> paths, Func<string, string, string> contentHash) =>
        RequestFiles.Data(paths).SelectMany(file => new[] { file.Name, contentHash(file.Path, DiagnosticCodes.DataUnreadable) });

    // Other formats have no blocks: their results stay where they are.
    private static IEnumerable<string> Blocks(CompressionRequest request) => request.Quantize == QuantizationMode.Int4Weights
        ? [request.BlockSize.ToString(CultureInfo.InvariantCulture), request.Symmetric ? "symmetric" : "zero points"]
        : [];

    private static IEnumerable<string> Effort(CompressionRequest request) => request.RoundsBySamples ? ["effort", request.Effort.ToString()] : [];

    // What a layer reads depends on what the layers before it still have.
    private static string[]? Prune(CompressionRequest request) =>
        request.Prune is { } prune ? [prune.Text, prune.Method.ToString(), request.PrunesBySamples ? request.Effort.ToString() : "without samples"] : null;

    private static IEnumerable<string> Sharing(CompressionRequest request) => request.Share is not { } share ? [] : ["share", share.ToString()];

    private static IEnumerable<string> Images(ImageOptions images) =>
    [
        Numbers(images.Mean),
        Numbers(images.StandardDeviation),
        images.Layout ?? "",
        images.KeepsSize ? "original" : images.Size is { } size ? string.Create(CultureInfo.InvariantCulture, $"{size.Height}x{size.Width}") : "",
    ];

    private static string Numbers(IReadOnlyList<float>? values) =>
        values is null ? "" : string.Join(',', values.Select(value => value.ToString("R", CultureInfo.InvariantCulture)));
}
