namespace ModelBuildTasks.Compression.Onnx;

/// <summary>Nodes to add to a graph.</summary>
internal static class NewNode
{
    /// <summary>A node with one output, of the default operator set or of another domain.</summary>
    public static NodeProto Of(string operation, ReadOnlySpan<string> inputs, string output, string name = "", string domain = "")
    {
        var node = new NodeProto { OpType = operation };
        if (name.Length > 0)
        {
            node.Name = name;
        }

        if (domain.Length > 0)
        {
            node.Domain = domain;
        }

        node.Input.AddRange(inputs.ToArray());
        node.Output.Add(output);
        return node;
    }

    /// <summary>The node with an attribute more.</summary>
    public static NodeProto With(this NodeProto node, string attribute, long value)
    {
        node.Attribute.Add(new AttributeProto { Name = attribute, Type = AttributeProto.Types.AttributeType.Int, I = value });
        return node;
    }

    /// <inheritdoc cref="With(NodeProto, string, long)"/>
    public static NodeProto With(this NodeProto node, string attribute, float value)
    {
        node.Attribute.Add(new AttributeProto { Name = attribute, Type = AttributeProto.Types.AttributeType.Float, F = value });
        return node;
    }

    /// <inheritdoc cref="With(NodeProto, string, long)"/>
    public static NodeProto With(this NodeProto node, string attribute, string value)
    {
        node.Attribute.Add(new AttributeProto { Name = attribute, Type = AttributeProto.Types.AttributeType.String, S = Google.Protobuf.ByteString.CopyFromUtf8(value) });
        return node;
    }

    /// <inheritdoc cref="With(NodeProto, string, long)"/>
    public static NodeProto With(this NodeProto node, string attribute, ReadOnlySpan<long> values)
    {
        node.Attribute.Add(new AttributeProto { Name = attribute, Type = AttributeProto.Types.AttributeType.Ints, Ints = { values.ToArray() } });
        return node;
    }
}
