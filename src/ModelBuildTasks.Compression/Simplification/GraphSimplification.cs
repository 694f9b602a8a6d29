using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Onnx.OperatorSets;

namespace ModelBuildTasks.Compression.Simplification;

/// <summary>What ONNX Runtime leaves to do, pass by pass. The same model gives the same result on every machine.</summary>
internal static class GraphSimplification
{
    /// <summary>The first version in which two tensors broadcast as they do today.</summary>
    private const int FirstOpset = 7;

    /// <summary>Edits the model in place.</summary>
    public static void Apply(OnnxModel model)
    {
        if (model.Opset >= FirstOpset)
        {
            Each(model, MergedMoves.Apply);
            RaiseForActivations(model);
            Each(model, graph => HardActivations.Apply(graph, model.Opset));
            Each(model, graph => Gelus.Apply(graph, model.Opset));
            Each(model, graph => LayerNormalizations.Apply(graph, model.Opset));
            // A weight beyond 2 GiB is read part by part, but a second form of it would double the scratch file for one product less.
            if (!model.IsLarge)
            {
                Each(model, AffineFolding.Apply);
            }
        }

        NodeNames.MakeUnique(model);
    }

    /// <summary>An operator set of before has no operator for what a model computes.</summary>
    private static void RaiseForActivations(OnnxModel model)
    {
        var main = model.EditGraph();
        if (model.Opset < HardActivations.FirstOpsetOfHardSwish && main.WithInner().Any(HardActivations.HasHardSwish) && OperatorSetRaise.To(model, main, OperatorSetRaise.Fourteen))
        {
            main.Commit();
        }
    }

    // From the inside out: edits reach from outside in.
    private static void Each(OnnxModel model, Action<OnnxGraph> pass)
    {
        foreach (var graph in model.EditGraph().WithInner().Reverse())
        {
            pass(graph);
            graph.Commit();
        }
    }
}
