namespace ModelBuildTasks.Compression.Onnx;

/// <summary>The tensors of Constant nodes (operator Constant, versions 1 to 25).</summary>
internal static class ConstantNodes
{
    public static bool IsConstant(this NodeProto node) => node.IsStandard("Constant") && node.Output.Count == 1;

    /// <summary>
    /// The value of a Constant node under its output's name; null for strings, sparse tensors and attributes of a function.
    /// </summary>
    public static TensorProto? Tensor(NodeProto node)
    {
        var name = node.Output[0];
        foreach (var attribute in node.Attribute)
        {
            switch (attribute.Name)
            {
                case "value" when attribute.T is not null:
                    return attribute.T;
                case "value_float" when attribute.HasF:
                    return TensorValues.Create(name, [attribute.F]);
                case "value_floats" when attribute.RefAttrName.Length == 0:
                    return TensorValues.Create(name, attribute.Floats.ToArray().AsSpan(), attribute.Floats.Count);
                case "value_int" when attribute.HasI:
                    return TensorValues.Create(name, [attribute.I]);
                case "value_ints" when attribute.RefAttrName.Length == 0:
                    return TensorValues.Create(name, attribute.Ints.ToArray().AsSpan(), attribute.Ints.Count);
            }
        }

        return null;
    }
}
