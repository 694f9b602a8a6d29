namespace ModelBuildTasks.Compression.Onnx;

internal sealed partial class GraphProto
{
    /// <summary>A shallow copy without nodes and initializers. (Only a part of the class can copy its unknown fields.)</summary>
    public GraphProto Shell()
    {
        var shell = new GraphProto { name_ = name_, docString_ = docString_, _unknownFields = _unknownFields };
        shell.Input.Add(Input);
        shell.Output.Add(Output);
        shell.ValueInfo.Add(ValueInfo);
        shell.QuantizationAnnotation.Add(QuantizationAnnotation);
        shell.MetadataProps.Add(MetadataProps);
        return shell;
    }
}
