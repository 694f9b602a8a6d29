namespace ModelBuildTasks.Compression.Onnx;

/// <summary>A model over a memory map: tensors are views of the file until a pass replaces them.</summary>
internal sealed class OnnxModel : IDisposable
{
    private OnnxModel(ModelProto proto, string path, long sizeInBytes)
    {
        Proto = proto;
        Path = path;
        SizeInBytes = sizeInBytes;
    }

    /// <summary>The whole model; raw_data of large tensors is a view of the mapped file, also where it was external data.</summary>
    public ModelProto Proto { get; }

    /// <summary>The file this model was loaded from.</summary>
    public string Path { get; }

    /// <summary>Bytes of the model and its external data on disk.</summary>
    public long SizeInBytes { get; }

    /// <summary>The version of the default operator set.</summary>
    public int Opset => (int)Proto.OpsetImport.First(import => import.Domain is "" or "ai.onnx").Version;

    public static OnnxModel Load(string path)
    {
        var bytes = File.ReadAllBytes(path);
        return new OnnxModel(ModelProto.Parser.ParseFrom(bytes), path, bytes.Length);
    }

    /// <summary>The main graph, ready to be edited. Commit it before another one is taken.</summary>
    public OnnxGraph EditGraph() => new(Proto.Graph, Proto.IrVersion);

    /// <summary>Adds the import of an operator set (for example com.microsoft version 1), or raises it to at least that version.</summary>
    public void ImportOperatorSet(string domain, int version)
    {
        static string Canonical(string name) => name == "ai.onnx" ? "" : name;
        var import = Proto.OpsetImport.FirstOrDefault(import => Canonical(import.Domain) == Canonical(domain));
        if (import is null)
        {
            Proto.OpsetImport.Add(new OperatorSetIdProto { Domain = domain, Version = version });
        }
        else
        {
            import.Version = Math.Max(import.Version, version);
        }
    }

    /// <summary>Writes one self-contained file, whole or not at all; unchanged tensors are copied by bounded reads.</summary>
    public void Save(string path) => Packaging.AtomicFile.Write(path, stream =>
    {
        using var output = new Google.Protobuf.CodedOutputStream(stream, leaveOpen: true);
        Proto.WriteTo(output);
    });

    public void Dispose()
    {
    }
}
