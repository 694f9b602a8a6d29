namespace ModelBuildTasks.Compression.Quantization;

/// <summary>The words of formats in reports.</summary>
internal static class LayerFormatNames
{
    public static string Of(LayerFormat format) => format switch
    {
        LayerFormat.Int8 => "int8",
        LayerFormat.Int8Dynamic => "int8-dynamic",
        LayerFormat.Int8Weights => "int8-weights",
        LayerFormat.Int4Weights => "int4-weights",
        LayerFormat.Shared => "shared",
        LayerFormat.Int16 => "int16",
        LayerFormat.Float16 => "float16",
        _ => "float",
    };
}
