using System.IO.MemoryMappedFiles;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>
/// Rows of an array in Fortran order, where the elements of a row lie one whole column apart: gathered from a memory map.
/// An array inside an archive is first unpacked into a temporary file, because no forward reading order meets the rows one after another.
/// </summary>
internal sealed unsafe class FortranRowReader : IRowReader
{
    private readonly MemoryMappedFile file;
    private readonly MemoryMappedViewAccessor view;
    private readonly byte* data;
    private readonly long[] offsets;
    private readonly int elementSize;

    public FortranRowReader(NpyArray array)
    {
        elementSize = array.Element.Size;
        offsets = ElementOffsets(array.Shape, array.RowLength, elementSize);
        file = MemoryMappedFile.CreateFromFile(array.IsInArchive ? Unpack(array) : File.OpenRead(array.File), null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        data = start + view.PointerOffset + array.Header.DataOffset;
    }

    public void Read(long row, Span<byte> destination)
    {
        var source = data + (row * elementSize);
        for (var index = 0; index < offsets.Length; index++)
        {
            new ReadOnlySpan<byte>(source + offsets[index], elementSize).CopyTo(destination[(index * elementSize)..]);
        }
    }

    public void Dispose()
    {
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        view.Dispose();
        file.Dispose();
    }

    // Where each element of row 0 lies, in the C order of the row.
    private static long[] ElementOffsets(long[] shape, int rowLength, int elementSize)
    {
        var strides = new long[shape.Length];
        strides[0] = elementSize;
        for (var axis = 1; axis < shape.Length; axis++)
        {
            strides[axis] = strides[axis - 1] * shape[axis - 1];
        }

        var offsets = new long[rowLength];
        for (var index = 0; index < rowLength; index++)
        {
            var rest = (long)index;
            for (var axis = shape.Length - 1; axis > 0; axis--)
            {
                offsets[index] += rest % shape[axis] * strides[axis];
                rest /= shape[axis];
            }
        }

        return offsets;
    }

    private static FileStream Unpack(NpyArray array)
    {
        var unpacked = new FileStream(Path.GetTempFileName(), FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose);
        try
        {
            using var content = array.OpenStream();
            content.CopyTo(unpacked);
            unpacked.Flush();
            return unpacked.Length >= array.Header.DataOffset + (array.Rows * array.RowBytes) ? unpacked : throw new EndOfStreamException();
        }
        catch
        {
            unpacked.Dispose();
            throw;
        }
    }
}
