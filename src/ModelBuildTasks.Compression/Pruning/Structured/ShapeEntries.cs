using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Pruning.Structured;

/// <summary>Single entries of shapes, which are constants, or put together by a Concat of constants and numbers that are computed.</summary>
internal static class ShapeEntries
{
    /// <summary>Whether an entry can be set and the others left.</summary>
    public static bool CanSet(OnnxGraph graph, string shape, int entry) => graph.Constant(shape) is not null || graph.Producer(shape) is { } node && node.IsStandard("Concat") && Part(graph, node, entry) is not null;

    /// <summary>Lets a node read a shape with another entry. Who else reads the shape is left alone.</summary>
    public static void Set(OnnxGraph graph, NodeProto node, int input, int entry, long value)
    {
        var shape = node.Input[input];
        if (graph.Constant(shape) is { } constant)
        {
            var numbers = constant.Int64s().ToArray();
            numbers[entry] = value;
            graph.SetInput(node, input, graph.AddInitializer(TensorValues.Create(shape, numbers.AsSpan(), [.. constant.Dims])));
            return;
        }

        var parts = graph.Producer(shape)!;
        var part = Part(graph, parts, entry)!.Value;
        var own = parts.Clone();
        own.Name = graph.UniqueName(parts.Name);
        own.Output[0] = graph.UniqueName(shape);
        graph.Add(own);
        if (graph.Constant(own.Input[part.Input]) is not null)
        {
            Set(graph, own, part.Input, part.Entry, value);
        }
        else
        {
            graph.SetInput(own, part.Input, graph.AddInitializer(TensorValues.Create(shape, [value], 1)));
        }

        graph.SetInput(node, input, own.Output[0]);
    }

    /// <summary>Which input of a Concat an entry comes from, and which of its own entries it is; null where a part before it is of unknown length.</summary>
    private static (int Input, int Entry)? Part(OnnxGraph graph, NodeProto concat, int entry)
    {
        for (var input = 0; input < concat.Input.Count; input++)
        {
            if (graph.Constant(concat.Input[input]) is { } constant)
            {
                if (entry < constant.ElementCount())
                {
                    return (input, entry);
                }

                entry -= (int)constant.ElementCount();
            }
            else if (graph.Producer(concat.Input[input]) is not { OpType: "Unsqueeze" })
            {
                return null;
            }
            else if (entry-- == 0)
            {
                return (input, 0);
            }
        }

        return null;
    }
}
