namespace ModelBuildTasks.Compression.Onnx;

internal sealed partial class ModelProto
{
    /// <summary>A shallow copy without graph, training and functions. (Only a part of the class can copy its unknown fields.)</summary>
    public ModelProto Shell()
    {
        var shell = new ModelProto
        {
            _hasBits0 = _hasBits0,
            irVersion_ = irVersion_,
            producerName_ = producerName_,
            producerVersion_ = producerVersion_,
            domain_ = domain_,
            modelVersion_ = modelVersion_,
            docString_ = docString_,
            _unknownFields = _unknownFields,
        };
        shell.OpsetImport.Add(OpsetImport);
        shell.MetadataProps.Add(MetadataProps);
        shell.Configuration.Add(Configuration);
        return shell;
    }
}
