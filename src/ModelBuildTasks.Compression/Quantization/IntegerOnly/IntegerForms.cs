using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Quantization.IntegerOnly;

/// <summary>Writes operators that have no integer kernel with others that have one and compute the same. What this adds between has a range that follows from a known one.</summary>
internal sealed class IntegerForms(OnnxGraph graph, ValueShapes shapes, int opset, Dictionary<string, ValueRange> ranges)
{
    /// <summary>Axes of Squeeze are an input since this version.</summary>
    private const int FirstOpsetOfSqueezedAxes = 13;

    /// <summary>Axes of the reductions but ReduceSum are an input since this version.</summary>
    private const int FirstOpsetOfReducedAxes = 18;

    /// <summary>Edits the graph where an operator has such a form.</summary>
    /// <param name="keepFloat">Patterns of nodes to leave alone.</param>
    public void Apply(IReadOnlyList<string> keepFloat)
    {
        foreach (var node in graph.Nodes.Where(node => node.IsStandard() && !NodePatterns.Match(keepFloat, node.DisplayName())))
        {
            switch (node.OpType)
            {
                case "Sub":
                    Subtract(node);
                    break;
                case "Div" when Constant(node, 1) is { } divisor && Array.TrueForAll(divisor.Singles().ToArray(), value => float.IsFinite(1 / value)):
                    ReplaceConstant(node, 1, divisor, value => 1 / value);
                    node.OpType = "Mul";
                    break;
                case "Sum" when node.Input.Count <= 2:
                    node.OpType = node.Input.Count == 2 ? "Add" : "Identity";
                    break;
                case "BatchNormalization":
                    Normalize(node);
                    break;
                case "ReduceMean":
                    Average(node);
                    break;
                case "GlobalMaxPool" when shapes.Rank(node.Input[0]) is > 2 and var rank:
                    node.OpType = "ReduceMax";
                    SetAxes(node, [.. Enumerable.Range(2, rank - 2)], FirstOpsetOfReducedAxes);
                    break;
            }
        }
    }

    /// <summary>a − b = a + (−b): a constant is negated here, a value by a table.</summary>
    private void Subtract(NodeProto node)
    {
        if (ElementFunctions.Of(node, graph) is not null)
        {
            return;
        }

        if (Constant(node, 1) is { } constant)
        {
            ReplaceConstant(node, 1, constant, value => -value);
        }
        else if (graph.Constant(node.Input[1]) is null)
        {
            var negated = graph.UniqueName(ValueNames.Stem(node.Input[1]) + "_n");
            if (ranges.TryGetValue(node.Input[1], out var range))
            {
                ranges.Add(negated, new ValueRange(-range.Maximum, -range.Minimum));
            }

            graph.Add(NewNode.Of("Neg", [node.Input[1]], negated));
            graph.SetInput(node, 1, negated);
        }
        else
        {
            return;
        }

        node.OpType = "Add";
    }

    /// <summary>What exporters fold into a convolution where one is in front, and leave where none is: a convolution of one weight for each channel.</summary>
    private void Normalize(NodeProto node)
    {
        var rank = shapes.Rank(node.Input[0]) ?? 0;
        if (rank <= 2 || node.Output.Count != 1 || node.Int64("training_mode", 0) != 0
            || Constant(node, 1) is not { } scale || Constant(node, 2) is not { } shift || Constant(node, 3) is not { } mean || Constant(node, 4) is not { } variance)
        {
            return;
        }

        var epsilon = (double)node.Single("epsilon", 1e-5f);
        var weights = new float[scale.ElementCount()];
        var biases = new float[weights.Length];
        for (var channel = 0; channel < weights.Length; channel++)
        {
            var weight = scale.Singles()[channel] / Math.Sqrt(variance.Singles()[channel] + epsilon);
            weights[channel] = (float)weight;
            biases[channel] = (float)(shift.Singles()[channel] - (mean.Singles()[channel] * weight));
        }

        var stem = ValueNames.Stem(node.Output[0]);
        long[] dims = [weights.Length, 1, .. Enumerable.Repeat(1L, rank - 2)];
        Become(node, "Conv", [node.Input[0], graph.AddInitializer(TensorValues.Create(stem + "_w", weights, dims)), graph.AddInitializer(TensorValues.Create(stem + "_b", biases, biases.Length))]);
        node.With("group", weights.Length);
    }

    /// <summary>A mean over all that comes behind the channels is a GlobalAveragePool.</summary>
    private void Average(NodeProto node)
    {
        var axes = node.Attribute("axes")?.Ints.ToArray() ?? (graph.Constant(node.InputOrEmpty(1)) is { } constant ? constant.Int64s().ToArray() : []);
        var rank = shapes.Rank(node.Input[0]) ?? 0;
        if (rank <= 2 || !axes.Select(axis => axis < 0 ? axis + rank : axis).Order().SequenceEqual(Enumerable.Range(2, rank - 2).Select(axis => (long)axis)))
        {
            return;
        }

        var isSqueezed = node.Int64("keepdims", 1) == 0;
        Become(node, "GlobalAveragePool", [node.Input[0]]);
        if (isSqueezed)
        {
            var output = node.Output[0];
            var pooled = graph.UniqueName(ValueNames.Stem(output) + "_p");
            if (ranges.TryGetValue(output, out var range))
            {
                ranges.Add(pooled, range);
            }

            graph.SetOutput(node, 0, pooled);
            var squeeze = NewNode.Of("Squeeze", [pooled], output);
            graph.Add(squeeze);
            SetAxes(squeeze, [.. Enumerable.Range(2, rank - 2)], FirstOpsetOfSqueezedAxes);
        }
    }

    // The node stays the one that a trace knows.
    private void Become(NodeProto node, string operation, string[] inputs)
    {
        node.OpType = operation;
        node.Attribute.Clear();
        for (var index = 0; index < inputs.Length; index++)
        {
            graph.SetInput(node, index, inputs[index]);
        }

        while (node.Input.Count > inputs.Length)
        {
            graph.SetInput(node, node.Input.Count - 1, "");
            node.Input.RemoveAt(node.Input.Count - 1);
        }
    }

    private void SetAxes(NodeProto node, int[] axes, int firstOpsetOfInput)
    {
        var values = Array.ConvertAll(axes, axis => (long)axis);
        if (opset >= firstOpsetOfInput)
        {
            graph.SetInput(node, 1, graph.AddInitializer(TensorValues.Create("axes", values, values.Length)));
            return;
        }

        node.With("axes", values);
    }

    private TensorProto? Constant(NodeProto node, int input) => graph.Constant(node.InputOrEmpty(input)) is { } constant && constant.ElementType() == DataType.Float ? constant : null;

    private void ReplaceConstant(NodeProto node, int input, TensorProto constant, Func<float, float> function)
    {
        var values = Array.ConvertAll(constant.Singles().ToArray(), value => function(value));
        graph.SetInput(node, input, graph.AddInitializer(TensorValues.Create(ValueNames.Stem(node.Input[input]) + "_n", values, [.. constant.Dims])));
    }
}
