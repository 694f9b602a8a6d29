namespace ModelBuildTasks.Compression.Onnx;

/// <summary>A model over a memory map: tensors are views of the file until a pass replaces them.</summary>
internal sealed class OnnxModel : IDisposable
{
    /// <summary>The whole model; raw_data of large tensors is a view of the mapped file, also where it was external data.</summary>
    public ModelProto Proto => throw new NotImplementedException();

    /// <summary>The file this model was loaded from.</summary>
    public string Path => throw new NotImplementedException();

    /// <summary>Bytes of the model and its external data on disk.</summary>
    public long SizeInBytes => throw new NotImplementedException();

    /// <summary>The version of the default operator set.</summary>
    public int Opset => throw new NotImplementedException();

    public static OnnxModel Load(string path) => throw new NotImplementedException();

    /// <summary>Adds or keeps the import of an operator set (for example com.microsoft version 1).</summary>
    public void ImportOperatorSet(string domain, int version) => throw new NotImplementedException();

    /// <summary>Writes one self-contained file, whole or not at all; unchanged tensors are copied by bounded reads.</summary>
    public void Save(string path) => throw new NotImplementedException();

    public void Dispose() => throw new NotImplementedException();
}
