namespace ModelBuildTasks.Compression.Execution;

/// <summary>
/// A file in ONNX Runtime's own format (a FlatBuffer, schema onnxruntime/core/flatbuffers/schema/ort.fbs: table InferenceSession with ort_version, model and kernel_type_str_resolver).
/// </summary>
internal static class OrtFile
{
    /// <summary>The version of the format that is known here: 6, which ONNX Runtime 1.16 introduced.</summary>
    private const string KnownVersion = "6";

    private const int VersionField = 0;
    private const int ModelField = 1;
    private const int ResolverField = 3;

    private static ReadOnlySpan<byte> Identifier => "ORTM"u8;

    /// <summary>
    /// The same file in one order. The runtime (1.31.1) writes the types of kernels in the order of a hash table, seeded anew in each process, so that two saves of one model differ. They come first in the file, since
    /// a FlatBuffer is written from its end to its beginning, and the model behind them refers to nothing in front of it: a new beginning is written before the same bytes of the model.
    /// </summary>
    /// <exception cref="InvalidDataException">The file is not of the form that the runtime writes.</exception>
    public static byte[] InOneOrder(ReadOnlySpan<byte> file)
    {
        var buffer = new FlatBuffer(file);
        if (file.Length < 8 || !file.Slice(4, 4).SequenceEqual(Identifier))
        {
            throw new InvalidDataException("no ORTM file");
        }

        var version = buffer.Reference(buffer.Root, VersionField);
        if (buffer.Text(version) != KnownVersion)
        {
            throw new InvalidDataException($"version {buffer.Text(version)} of the ORT format, not {KnownVersion}");
        }

        var model = buffer.Reference(buffer.Root, ModelField);
        var resolver = buffer.Reference(buffer.Root, ResolverField);
        var operators = KernelTypes.Read(buffer, buffer.Reference(resolver, 0));
        // Its vtable is in front of the table, or it shares an earlier one, which is behind.
        var body = Math.Min(model, buffer.Vtable(model));
        if (version < body || resolver > body)
        {
            throw new InvalidDataException("its parts are in another order");
        }

        return [.. Head(operators, model - body, version - body, file.Length - body), .. file[body..]];
    }

    private static byte[] Head(IReadOnlyList<KernelTypes> operators, int model, int version, int bodyLength)
    {
        var head = new FlatBufferHead();
        var root = head.UInt32(0);
        head.Raw(Identifier);
        var session = head.Table(root, VersionField, ModelField, ResolverField);
        var resolver = head.Table(session[2], 0);
        head.PointHere(resolver[0]);
        KernelTypes.Write(head, operators);
        // Alignment counts from the end of the file.
        while ((head.Length + bodyLength) % 16 > 0)
        {
            head.Raw([0]);
        }

        head.Point(session[0], head.Length + version);
        head.Point(session[1], head.Length + model);
        return head.ToArray();
    }
}
