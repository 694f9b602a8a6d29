namespace ModelBuildTasks.Compression.Onnx.OperatorSets;

/// <summary>Attributes that became inputs in a later version of their operator.</summary>
internal static class AttributeInputs
{
    /// <summary>Makes a list of integers a constant input, where it is written at all.</summary>
    public static void MoveInt64s(this NodeProto node, OnnxGraph graph, string attribute, int input)
    {
        if (node.Attribute(attribute) is { } written)
        {
            graph.SetInput(node, input, graph.AddInitializer(TensorValues.Create(Name(node, attribute), written.Ints.ToArray().AsSpan(), written.Ints.Count)));
            node.RemoveAttribute(attribute);
        }
    }

    /// <summary>Makes a number a constant input, where it is written at all.</summary>
    public static void MoveSingle(this NodeProto node, OnnxGraph graph, string attribute, int input)
    {
        if (node.Attribute(attribute) is { } written)
        {
            graph.SetInput(node, input, graph.AddInitializer(TensorValues.Create(Name(node, attribute), [written.F])));
            node.RemoveAttribute(attribute);
        }
    }

    /// <summary>A name for the constant that an attribute becomes.</summary>
    public static string Name(NodeProto node, string attribute) => $"{ValueNames.Stem(node.Output[0])}_{attribute}";
}
