using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;

namespace ModelBuildTasks.Compression.Tests.Calibration;

/// <summary>Writes NumPy files byte by byte.</summary>
internal static class Npy
{
    /// <summary>An array of little-endian elements in C order, as numpy.save writes it.</summary>
    public static byte[] Array<T>(T[] values, params long[] shape)
        where T : unmanaged => Bytes(Dictionary(TypeOf<T>(), false, shape), MemoryMarshal.AsBytes(values.AsSpan()));

    /// <summary>The same array in Fortran order.</summary>
    public static byte[] FortranArray<T>(T[] values, params long[] shape)
        where T : unmanaged
    {
        var reordered = new T[values.Length];
        for (var index = 0; index < values.Length; index++)
        {
            var (rest, position, stride) = ((long)index, 0L, 1L);
            var coordinates = new long[shape.Length];
            for (var axis = shape.Length - 1; axis >= 0; axis--)
            {
                (coordinates[axis], rest) = (rest % shape[axis], rest / shape[axis]);
            }

            for (var axis = 0; axis < shape.Length; axis++)
            {
                position += coordinates[axis] * stride;
                stride *= shape[axis];
            }

            reordered[position] = values[index];
        }

        return Bytes(Dictionary(TypeOf<T>(), true, shape), MemoryMarshal.AsBytes(reordered.AsSpan()));
    }

    public static byte[] Bytes(string dictionary, ReadOnlySpan<byte> data, byte major = 1, byte minor = 0)
    {
        var prefix = major == 1 ? 10 : 12;
        var text = Encoding.UTF8.GetBytes(dictionary.PadRight((((prefix + dictionary.Length + 64) / 64) * 64) - prefix - 1) + "\n");
        var length = new byte[major == 1 ? 2 : 4];
        if (major == 1)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)text.Length);
        }
        else
        {
            BinaryPrimitives.WriteUInt32LittleEndian(length, (uint)text.Length);
        }

        return [0x93, .. "NUMPY"u8, major, minor, .. length, .. text, .. data];
    }

    public static string Dictionary(string type, bool fortran, params long[] shape) =>
        $"{{'descr': '{type}', 'fortran_order': {(fortran ? "True" : "False")}, 'shape': ({string.Concat(shape.Select(dimension => $"{dimension}, ")).TrimEnd(shape.Length > 1 ? [' ', ','] : [' '])}), }}";

    /// <summary>A .npz file of arrays by name.</summary>
    public static byte[] Archive(CompressionLevel compression, params (string Name, byte[] Array)[] arrays)
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, array) in arrays)
            {
                var entry = archive.CreateEntry($"{name}.npy", compression);
                // Not the time of writing: the same arrays are the same file.
                entry.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);
                using var content = entry.Open();
                content.Write(array);
            }
        }

        return stream.ToArray();
    }

    public static byte[] Archive(params (string Name, byte[] Array)[] arrays) => Archive(CompressionLevel.NoCompression, arrays);

    private static string TypeOf<T>() => default(T) switch
    {
        bool => "|b1",
        sbyte => "|i1",
        short => "<i2",
        int => "<i4",
        long => "<i8",
        byte => "|u1",
        ushort => "<u2",
        uint => "<u4",
        ulong => "<u8",
        Half => "<f2",
        float => "<f4",
        double => "<f8",
        var other => throw new ArgumentException($"NumPy has no {other?.GetType()}."),
    };
}
