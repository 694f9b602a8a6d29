using System.IO.Compression;
using ModelBuildTasks.Compression.Diagnostics;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>One array of a .npy or .npz file; its elements stay in the file.</summary>
internal sealed class NpyArray
{
    private readonly string? entryName;

    private NpyArray(string path, string? entryName, NpyHeader header, NpyElement element)
    {
        File = path;
        this.entryName = entryName;
        Header = header;
        Element = element;
    }

    /// <summary>The file that holds it.</summary>
    public string File { get; }

    /// <summary>Its name in a .npz file; empty for a .npy file, which has none.</summary>
    public string Name => entryName is null ? "" : entryName[..^".npy".Length];

    /// <summary>How errors call it.</summary>
    public string Title => entryName is null ? "its array" : $"array '{Name}'";

    public NpyHeader Header { get; }

    public NpyElement Element { get; }

    public long[] Shape => Header.Shape;

    /// <summary>The length of the first axis, which counts the samples; 1 for a single number.</summary>
    public long Rows => RowsOf(Header);

    /// <summary>Elements of one row: the product of all axes but the first.</summary>
    public int RowLength { get; private init; }

    public int RowBytes => RowLength * Element.Size;

    public bool IsInArchive => entryName is not null;

    /// <summary>The arrays of a file, checked to be whole.</summary>
    /// <exception cref="CompressionException">AIM1101, AIM1103, AIM1104.</exception>
    public static IReadOnlyList<NpyArray> OpenAll(string path) => DataFile.Guard(path, () =>
    {
        if (!DataFile.HasExtension(path, ".npz"))
        {
            using var stream = System.IO.File.OpenRead(path);
            return [Open(path, null, stream, stream.Length)];
        }

        using var archive = ZipFile.OpenRead(path);
        var arrays = new List<NpyArray>();
        foreach (var entry in archive.Entries.Where(entry => entry.FullName.EndsWith(".npy", StringComparison.Ordinal)))
        {
            using var stream = entry.Open();
            arrays.Add(Open(path, entry.FullName, stream, entry.Length));
        }

        return arrays;
    });

    /// <summary>Opens the file at its first byte: seekable for .npy, forward only for .npz.</summary>
    public Stream OpenStream()
    {
        if (entryName is null)
        {
            return System.IO.File.OpenRead(File);
        }

        // An archive of its own for every reader: readers of one archive would fight for its position.
        var archive = ZipFile.OpenRead(File);
        try
        {
            return new ArchiveEntryStream(archive, archive.GetEntry(entryName) ?? throw new InvalidDataException($"{Title} is gone"));
        }
        catch
        {
            archive.Dispose();
            throw;
        }
    }

    /// <summary>Opens the rows for reading, best in ascending order.</summary>
    public IRowReader OpenRows() => Header.IsFortranOrder && Shape.Length > 1 ? new FortranRowReader(this) : new ForwardRowReader(this);

    private static NpyArray Open(string path, string? entryName, Stream stream, long length)
    {
        var header = NpyHeader.Read(stream);
        var title = entryName is null ? "its array" : $"array '{entryName[..^".npy".Length]}'";
        if (!NpyElement.TryParse(header.Description, out var element))
        {
            throw new CompressionException(
                DiagnosticCodes.DataTypeMismatch,
                path,
                $"'{Path.GetFileName(path)}': {title} has the element type '{header.Description}', which is no plain number. Save it as an integer, floating-point or boolean array; texts that are labels as an array of str (numpy.array(texts, dtype=str)).");
        }

        var rowLength = RowLengthOf(header, element, path, title);
        var expected = checked(header.DataOffset + (RowsOf(header) * rowLength * element.Size));
        if (length != expected)
        {
            throw new InvalidDataException($"{title} should have {expected} bytes and has {length}");
        }

        return new NpyArray(path, entryName, header, element) { RowLength = rowLength };
    }

    private static long RowsOf(NpyHeader header) => header.Shape.Length == 0 ? 1 : header.Shape[0];

    private static int RowLengthOf(NpyHeader header, NpyElement element, string path, string title)
    {
        // Saturating, because a header may claim anything.
        var length = UInt128.One;
        foreach (var dimension in header.Shape.Skip(1))
        {
            length = UInt128.Min(length * (UInt128)dimension, ulong.MaxValue);
        }

        return length <= (UInt128)(Array.MaxLength / element.Size)
            ? (int)length
            : throw new CompressionException(
                DiagnosticCodes.DataShapeMismatch,
                path,
                $"'{Path.GetFileName(path)}': one sample of {title} has {length} elements, more than fit in memory. Check the shape: the first axis must count the samples.");
    }
}
