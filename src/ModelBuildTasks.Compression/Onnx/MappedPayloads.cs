using Google.Protobuf;
using ModelBuildTasks.Compression.Diagnostics;

namespace ModelBuildTasks.Compression.Onnx;

/// <summary>
/// The tensor bytes that are views of files. It is the ByteString object that tells a view, so clones of a tensor and tensors that share
/// bytes are views too.
/// </summary>
internal sealed class MappedPayloads : IDisposable
{
    /// <summary>Up to a page, bytes are copied to the heap: the passes read such tensors (scales, shapes) anyway.</summary>
    private const int SmallestView = 4096;

    private readonly Dictionary<string, MappedFile> files = [];
    private readonly Dictionary<ByteString, FileRange> ranges = new(ReferenceEqualityComparer.Instance);

    /// <summary>Opens a file, once.</summary>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file is a folder, or there is no right to read it.</exception>
    public MappedFile Open(string path)
    {
        if (!files.TryGetValue(path, out var file))
        {
            files.Add(path, file = new MappedFile(path));
        }

        return file;
    }

    /// <summary>The bytes of a range of a file, as a view unless they are few.</summary>
    public ByteString View(FileRange range)
    {
        if (range.Length <= SmallestView)
        {
            var bytes = new byte[range.Length];
            Read(range.File, range.Offset, bytes);
            return UnsafeByteOperations.UnsafeWrap(bytes);
        }

        var view = UnsafeByteOperations.UnsafeWrap(range.File.Memory(range.Offset, range.Length));
        ranges.Add(view, range);
        return view;
    }

    public bool IsView(ByteString bytes) => ranges.ContainsKey(bytes);

    /// <summary>Writes bytes to a stream; those of a view by reads of the file, so that the map's pages stay out of memory.</summary>
    /// <exception cref="CompressionException">
    /// AIM1001, AIM1002: the file behind a view cannot be read any more, or became shorter.
    /// </exception>
    public void Copy(ByteString bytes, Stream destination, byte[] buffer)
    {
        if (!ranges.TryGetValue(bytes, out var range))
        {
            destination.Write(bytes.Span);
            return;
        }

        for (var done = 0; done < range.Length;)
        {
            var part = buffer.AsSpan(0, Math.Min(buffer.Length, range.Length - done));
            try
            {
                Read(range.File, range.Offset + done, part);
            }
            catch (IOException exception)
            {
                throw ModelErrors.Unreadable(range.File.Path, exception);
            }
            catch (InvalidDataException exception)
            {
                throw ModelErrors.NotAModel(range.File.Path, exception);
            }

            destination.Write(part);
            done += part.Length;
        }
    }

    public void Dispose()
    {
        foreach (var file in files.Values)
        {
            file.Dispose();
        }
    }

    private static void Read(MappedFile file, long offset, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            var read = RandomAccess.Read(file.Handle, destination, offset);
            if (read == 0)
            {
                throw new InvalidDataException("the file became shorter while it was read");
            }

            destination = destination[read..];
            offset += read;
        }
    }
}
