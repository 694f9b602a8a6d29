using Google.Protobuf;
using ModelBuildTasks.Compression.Diagnostics;

namespace ModelBuildTasks.Compression.Onnx;

/// <summary>Where the tensor bytes of a model lie: in the files it was loaded from, and new ones in a scratch file once they are many.</summary>
/// <param name="scratchFolder">Where the scratch file goes.</param>
internal sealed class MappedPayloads(string scratchFolder) : IDisposable
{
    /// <summary>Up to a page, bytes are copied to the heap: the passes read such tensors (scales, shapes) anyway.</summary>
    private const int SmallestView = 4096;

    /// <summary>New bytes stay on the heap up to here: a model of usual size needs no scratch file.</summary>
    private const long LargestHeap = 64 << 20;

    private readonly Dictionary<string, MappedFile> files = [];
    private MappedFile? scratch;
    private long onHeap;

    /// <summary>Opens a file, once.</summary>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file is a folder, or there is no right to read it.</exception>
    public MappedFile Open(string path)
    {
        if (!files.TryGetValue(path, out var file))
        {
            files.Add(path, file = MappedFile.Open(path));
        }

        return file;
    }

    /// <summary>The bytes of a range of a file, as a view unless they are few.</summary>
    public static ByteString View(FileRange range)
    {
        if (range.Length > SmallestView)
        {
            return UnsafeByteOperations.UnsafeWrap(new FileView(range).Memory);
        }

        var bytes = new byte[range.Length];
        range.File.Read(range.Offset, bytes);
        return UnsafeByteOperations.UnsafeWrap(bytes);
    }

    /// <summary>Takes the bytes of a new tensor.</summary>
    /// <exception cref="CompressionException">AIM1303: the scratch file cannot be written.</exception>
    public PayloadWriter Create(long length)
    {
        if (length <= SmallestView || length <= LargestHeap - onHeap)
        {
            onHeap += length;
            return new PayloadWriter(length);
        }

        return new PayloadWriter(scratch ??= MappedFile.CreateScratch(scratchFolder), length);
    }

    public void Dispose()
    {
        scratch?.Dispose();
        foreach (var file in files.Values)
        {
            file.Dispose();
        }
    }
}
