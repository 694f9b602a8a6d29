namespace ModelBuildTasks.Compression.Onnx;

/// <summary>Attributes of nodes by name, with the operator's default where they are omitted.</summary>
internal static class NodeAttributes
{
    public static AttributeProto? Attribute(this NodeProto node, string name) => node.Attribute.FirstOrDefault(attribute => attribute.Name == name);

    public static long Int64(this NodeProto node, string name, long otherwise) => node.Attribute(name)?.I ?? otherwise;

    public static float Single(this NodeProto node, string name, float otherwise) => node.Attribute(name)?.F ?? otherwise;

    public static string Text(this NodeProto node, string name, string otherwise) => node.Attribute(name)?.S?.ToStringUtf8() ?? otherwise;

    /// <summary>Removes an attribute, so that the operator's default holds.</summary>
    public static void RemoveAttribute(this NodeProto node, string name)
    {
        if (node.Attribute(name) is { } attribute)
        {
            node.Attribute.Remove(attribute);
        }
    }

    /// <summary>Whether a node's operator is of the default operator set.</summary>
    public static bool IsStandard(this NodeProto node) => OnnxModel.CanonicalDomain(node.Domain).Length == 0;

    /// <summary>Whether a node is a certain operator of the default operator set.</summary>
    public static bool IsStandard(this NodeProto node, string operation) => node.OpType == operation && node.IsStandard();

    /// <summary>The name of an input; empty where it is omitted.</summary>
    public static string InputOrEmpty(this NodeProto node, int index) => index < node.Input.Count ? node.Input[index] : "";

    /// <summary>How reports and KeepFloat call a node: its name, or its first output where it has none.</summary>
    public static string DisplayName(this NodeProto node) => node.Name.Length > 0 ? node.Name : node.Output.FirstOrDefault(output => output.Length > 0) ?? node.OpType;
}
