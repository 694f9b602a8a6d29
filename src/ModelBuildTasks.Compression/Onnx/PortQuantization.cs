using System.Globalization;

namespace ModelBuildTasks.Compression.Onnx;

/// <summary>
/// What the integers of an input or output mean: x = (q − zero point) · scale. It is in the model's metadata (ModelProto.metadata_props), as the types of ports have no place for it.
/// </summary>
/// <param name="Scale">Positive and finite.</param>
/// <param name="ZeroPoint">The integer that means zero.</param>
internal sealed record PortQuantization(float Scale, int ZeroPoint)
{
    /// <summary>What the keys of ours begin with.</summary>
    public const string KeyPrefix = "aimodel.";

    /// <summary>The keys of an input, which stand beside other metadata of the model.</summary>
    public static (string Scale, string ZeroPoint) InputKeys(string name) => Keys("input", name);

    /// <summary>The keys of an output.</summary>
    public static (string Scale, string ZeroPoint) OutputKeys(string name) => Keys("output", name);

    /// <summary>The scale as metadata has it: the shortest number that reads as the same float.</summary>
    public string ScaleText => Scale.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>The zero point as metadata has it.</summary>
    public string ZeroPointText => ZeroPoint.ToString(CultureInfo.InvariantCulture);

    /// <summary>What metadata says under two keys; null where it says nothing, or nothing that is a quantization.</summary>
    public static PortQuantization? Find(IReadOnlyDictionary<string, string> metadata, (string Scale, string ZeroPoint) keys) =>
        metadata.TryGetValue(keys.Scale, out var scaleText) && float.TryParse(scaleText, NumberStyles.Float, CultureInfo.InvariantCulture, out var scale) && scale > 0 && float.IsFinite(scale)
        && metadata.TryGetValue(keys.ZeroPoint, out var zeroPointText) && int.TryParse(zeroPointText, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var zeroPoint)
            ? new PortQuantization(scale, zeroPoint)
            : null;

    private static (string Scale, string ZeroPoint) Keys(string kind, string name) => ($"{KeyPrefix}{kind}.{name}.scale", $"{KeyPrefix}{kind}.{name}.zero_point");
}
