using Google.Protobuf;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Packaging;

namespace ModelBuildTasks.Compression.Onnx;

/// <summary>A model over a memory map: tensors are views of the file until a pass replaces them.</summary>
internal sealed class OnnxModel : IDisposable
{
    private readonly MappedPayloads payloads;

    private OnnxModel(ModelProto proto, string path, long sizeInBytes, bool hasExternalData, MappedPayloads payloads)
    {
        Proto = proto;
        Path = path;
        SizeInBytes = sizeInBytes;
        HasExternalData = hasExternalData;
        this.payloads = payloads;
    }

    /// <summary>The whole model; raw_data of large tensors is a view of the mapped file, also where it was external data.</summary>
    public ModelProto Proto { get; }

    /// <summary>The file that errors about this model name: the one it was loaded from, or the one that file was made of.</summary>
    public string Path { get; }

    /// <summary>Bytes of the model and its external data on disk.</summary>
    public long SizeInBytes { get; }

    /// <summary>The version of the default operator set; 0 where the model imports none, since all its operators are of other sets.</summary>
    public int Opset => (int)(Proto.OpsetImport.FirstOrDefault(import => CanonicalDomain(import.Domain).Length == 0)?.Version ?? 0);

    /// <summary>Whether bytes of it were in other files than its own.</summary>
    public bool HasExternalData { get; }

    /// <summary>Whether the model is beyond what one file can hold; then ONNX Runtime must not be asked for what makes all of it resident.</summary>
    public bool IsLarge => SizeInBytes > ModelWriter.LargestFile;

    /// <summary>Loads a model and its external data. The files must not change before <see cref="Dispose"/>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="reportedPath">The file that later errors name; <paramref name="path"/> unless given.</param>
    /// <param name="scratchFolder">Where new tensors go once they are many; the folder of temporary files unless given.</param>
    /// <exception cref="CompressionException">
    /// AIM1001: the file cannot be read. AIM1002: it is no model, or damaged. AIM1003: its opset is not supported. AIM1004, AIM1005:
    /// external data is missing or outside the model's folder. AIM1008: values in the file itself exceed 2 GiB and are no raw_data.
    /// </exception>
    public static OnnxModel Load(string path, string? reportedPath = null, string? scratchFolder = null)
    {
        var payloads = new MappedPayloads(scratchFolder ?? System.IO.Path.GetTempPath());
        try
        {
            var file = Open(path, payloads);
            var proto = ModelReader.Read(file);
            ModelChecks.Check(proto, path);
            var externalData = new ExternalData(path, payloads);
            foreach (var tensor in MessageTree.Tensors(proto))
            {
                ModelChecks.CheckShape(tensor, path);
                externalData.Resolve(tensor);
                ModelChecks.CheckSize(tensor, path);
            }

            var externalBytes = externalData.SizeInBytes();
            return new OnnxModel(proto, reportedPath ?? path, file.Length + externalBytes, externalBytes > 0, payloads);
        }
        catch (Exception exception)
        {
            payloads.Dispose();
            if (exception is InvalidDataException or InvalidProtocolBufferException)
            {
                throw ModelErrors.NotAModel(path, exception);
            }

            if (exception is IOException)
            {
                throw ModelErrors.Unreadable(path, exception);
            }

            throw;
        }
    }

    /// <summary>The main graph, ready to be edited. Commit it before another one is taken.</summary>
    public OnnxGraph EditGraph() => new(Proto.Graph, Proto.IrVersion, payloads);

    /// <summary>Adds the import of an operator set (for example com.microsoft version 1), or raises it to at least that version.</summary>
    public void ImportOperatorSet(string domain, int version)
    {
        var import = Proto.OpsetImport.FirstOrDefault(import => CanonicalDomain(import.Domain) == CanonicalDomain(domain));
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
    /// <exception cref="CompressionException">AIM1008: the file would exceed 2 GiB. AIM1303: it cannot be written.</exception>
    public void Save(string path)
    {
        var writer = new ModelWriter(Proto);
        AtomicFile.Write(path, stream => writer.Write(stream, Path));
    }

    /// <summary>As <see cref="Save"/>, without what only people read; this model keeps its names.</summary>
    /// <inheritdoc cref="Save"/>
    public void SaveWithShortNames(string path)
    {
        var writer = new ModelWriter(ShortNames.Of(Proto));
        AtomicFile.Write(path, stream => writer.Write(stream, Path));
    }

    /// <summary>Writes one self-contained file; or, where that would exceed 2 GiB, a file and its external data in &lt;path&gt;.data. Whole or not at all, and meant for new files.</summary>
    /// <exception cref="CompressionException">AIM1303: a file cannot be written.</exception>
    public void SaveOfAnySize(string path)
    {
        var writer = new ModelWriter(Proto);
        if (writer.Size <= ModelWriter.LargestFile)
        {
            AtomicFile.Write(path, stream => writer.Write(stream, Path));
        }
        else
        {
            ExternalDataWriter.Write(Proto, path, Path);
        }
    }

    /// <summary>Writes a model whose large tensors stay where they are: in files of the same folder, this model's own file among them.</summary>
    /// <exception cref="CompressionException">AIM1303: the file cannot be written.</exception>
    public void SaveReferring(string path)
    {
        var folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path));
        var writer = new ModelWriter(Proto, bytes =>
            FileView.Of(bytes) is { } range && System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(range.File.Path)) == folder
                ? new ExternalLocation(System.IO.Path.GetFileName(range.File.Path), range.Offset, range.Length)
                : null);
        AtomicFile.Write(path, stream => writer.Write(stream, Path));
    }

    public void Dispose() => payloads.Dispose();

    private static MappedFile Open(string path, MappedPayloads payloads)
    {
        try
        {
            return payloads.Open(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw ModelErrors.Unreadable(path, exception);
        }
    }

    /// <summary>The name of an operator set in one spelling: the default domain has two (docs/IR.md).</summary>
    public static string CanonicalDomain(string domain) => domain == "ai.onnx" ? "" : domain;
}
