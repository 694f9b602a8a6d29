namespace ModelBuildTasks.Compression.Onnx.OperatorSets;

/// <summary>
/// Raises a model to a later operator set by rewriting the operators whose form or meaning changed in between (docs/Changelog.md of ONNX). Two are of use: 12 is the first in which convolutions (10) and MaxPool
/// (12) take bytes and Gemm can do without a bias (11); 14 is the last that every supported ONNX Runtime loads, and has HardSwish.
/// </summary>
internal sealed class OperatorSetRaise
{
    /// <summary>The first in which all integer kernels have a form.</summary>
    public const int Twelve = 12;

    /// <summary>The last that ONNX Runtime 1.8 loads, the oldest that is supported.</summary>
    public const int Fourteen = 14;

    private readonly OnnxGraph graph;
    private readonly OldOperators old;
    private readonly OperatorsUntil12 until12;
    private readonly OperatorsUntil14? until14;

    private OperatorSetRaise(OnnxGraph graph, int from, int target)
    {
        this.graph = graph;
        old = new OldOperators(graph, from);
        until12 = new OperatorsUntil12(graph, from);
        until14 = target > Twelve ? new OperatorsUntil14(graph, from) : null;
    }

    /// <summary>Raises the model and all its subgraphs where every operator can follow; otherwise, or where it has that version already, changes nothing.</summary>
    /// <param name="model">The model.</param>
    /// <param name="graph">Its main graph.</param>
    /// <param name="target"><see cref="Twelve"/> or <see cref="Fourteen"/>.</param>
    /// <returns>Whether the model was raised.</returns>
    public static bool To(OnnxModel model, OnnxGraph graph, int target)
    {
        // A function imports an operator set of its own.
        if (model.Opset >= target || model.Opset == 0 || target > Twelve && model.Proto.Functions.Count > 0)
        {
            return false;
        }

        var raises = graph.WithInner().Select(each => new OperatorSetRaise(each, model.Opset, target)).ToArray();
        if (!Array.TrueForAll(raises, raise => raise.graph.Nodes.All(raise.CanFollow)))
        {
            return false;
        }

        // From the inside out: what is inside is committed before the graph around it is edited.
        foreach (var raise in raises.Reverse())
        {
            foreach (var node in raise.graph.Nodes.Where(node => node.IsStandard()))
            {
                raise.old.Follow(node);
                raise.until12.Follow(node);
                raise.until14?.Follow(node);
            }

            if (raise.graph != graph)
            {
                raise.graph.Commit();
            }
        }

        model.ImportOperatorSet("", target);
        return true;
    }

    private bool CanFollow(NodeProto node) => !node.IsStandard() || old.CanFollow(node) && until12.CanFollow(node) && until14?.CanFollow(node) != false;
}
