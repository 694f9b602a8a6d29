namespace ModelBuildTasks.Compression.Onnx;

/// <summary>Short names for the values that quantization adds: they are a good part of what a small model's file holds beside its weights.</summary>
internal static class ValueNames
{
    private const int Longest = 24;

    /// <summary>The last part of a name ("/features/conv/Conv_output_0" → "Conv_output_0"), shortened.</summary>
    public static string Stem(string name)
    {
        var stem = name[(name.TrimEnd('/').LastIndexOf('/') + 1)..];
        return stem.Length <= Longest ? stem : stem[^Longest..];
    }
}
