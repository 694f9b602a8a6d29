namespace ModelBuildTasks.Compression.Devices;

/// <summary>The words of formats in metadata, reports and keys.</summary>
internal static class NumericFormatNames
{
    public static string Of(NumericFormat format) => format switch { NumericFormat.Int8 => "int8", NumericFormat.Float16 => "float16", _ => "uint8" };
}
