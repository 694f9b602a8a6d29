using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Corpus.Tests.Trials;

/// <summary>Weights that the runtime restores on each run, because nothing took their DequantizeLinear in: read from the graph that it makes of a model by itself.</summary>
internal static class RestoredWeights
{
    /// <summary>The operators that read a constant and restore it, in the graphs inside too.</summary>
    /// <param name="model">A compressed model.</param>
    /// <param name="folder">Where the runtime's graph is written.</param>
    public static IReadOnlyList<string> Of(string model, string folder)
    {
        var optimized = Path.Combine(folder, "optimized.onnx");
        ModelSession.Open(model, new SessionSettings { OptimizedModelPath = optimized }).Dispose();
        using var loaded = OnnxModel.Load(optimized);
        return
        [
            .. loaded.EditGraph().WithInner().SelectMany(graph => graph.Nodes.Where(node => node.OpType == "DequantizeLinear" && graph.Constant(node.InputOrEmpty(0)) is not null)).Select(node => $"{node.OpType} of '{node.Input[0]}'"),
        ];
    }
}
