using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Simplification;

/// <summary>
/// Exporters of earlier years listed every weight among the inputs too, which since IR version 4 makes it a default that a caller may override (docs/IR.md). Nobody does, and no runtime folds or packs such
/// a weight: where it is only ever read as one, it becomes a constant. Other defaults, such as an initial state, stay inputs.
/// </summary>
internal static class DefaultWeights
{
    /// <summary>The inputs of operators that hold what training learned.</summary>
    private static readonly Dictionary<string, int[]> Positions = new()
    {
        ["BatchNormalization"] = [1, 2, 3, 4],
        ["Conv"] = [1, 2],
        ["ConvTranspose"] = [1, 2],
        ["GRU"] = [1, 2, 3],
        ["Gather"] = [0],
        ["Gemm"] = [1, 2],
        ["InstanceNormalization"] = [1, 2],
        ["LSTM"] = [1, 2, 3, 7],
        ["LayerNormalization"] = [1, 2],
        ["MatMul"] = [1],
        ["PRelu"] = [1],
        ["RNN"] = [1, 2, 3],
    };

    /// <summary>Removes the inputs that are defaults of weights; says whether there were any.</summary>
    public static bool MakeConstant(OnnxModel model)
    {
        var graph = model.EditGraph();
        var inputs = model.Proto.Graph.Input;
        var weights = model.Proto.Graph.Initializer.Select(tensor => tensor.Name)
            .Where(name => graph.IsGraphInput(name) && graph.Constant(name) is null && graph.Consumers(name) is { Count: > 0 } uses && uses.All(IsWeight))
            .ToHashSet();
        foreach (var input in inputs.Where(input => weights.Contains(input.Name)).ToArray())
        {
            inputs.Remove(input);
        }

        return weights.Count > 0;
    }

    private static bool IsWeight(NodeInput use) => use.Node.IsStandard() && Positions.TryGetValue(use.Node.OpType, out var positions) && positions.Contains(use.Index);
}
