using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Simplification;

/// <summary>What ONNX Runtime leaves to do, pass by pass. The same model gives the same result on every machine.</summary>
internal static class GraphSimplification
{
    /// <summary>Edits the model in place.</summary>
    public static void Apply(OnnxModel model) => NodeNames.MakeUnique(model);
}
