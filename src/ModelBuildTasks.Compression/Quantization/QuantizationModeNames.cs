namespace ModelBuildTasks.Compression.Quantization;

/// <summary>The words of modes in the metadata Quantize.</summary>
internal static class QuantizationModeNames
{
    private static readonly (QuantizationMode Mode, string Name)[] Names =
    [
        (QuantizationMode.None, "none"),
        (QuantizationMode.Int8, "int8"),
        (QuantizationMode.Int8Dynamic, "int8-dynamic"),
        (QuantizationMode.Int8Weights, "int8-weights"),
        (QuantizationMode.Int4Weights, "int4-weights"),
        (QuantizationMode.Int16, "int16"),
        (QuantizationMode.Float16, "fp16"),
        (QuantizationMode.Auto, "auto"),
    ];

    public static string Of(QuantizationMode mode) => Array.Find(Names, each => each.Mode == mode).Name;

    public static QuantizationMode Parse(string name) => Array.Find(Names, each => each.Name == name).Mode;
}
