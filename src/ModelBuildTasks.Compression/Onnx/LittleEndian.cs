using System.Runtime.InteropServices;

namespace ModelBuildTasks.Compression.Onnx;

/// <summary>Numbers as the bytes of raw_data: little-endian on every processor.</summary>
internal static class LittleEndian
{
    /// <summary>The bytes of numbers; a view on a little-endian processor.</summary>
    public static ReadOnlySpan<byte> Bytes<T>(ReadOnlySpan<T> values)
        where T : unmanaged => InNativeOrder<T>(MemoryMarshal.AsBytes(values));

    /// <summary>
    /// The numbers in bytes; a view on a little-endian processor, aligned or not. Bytes beyond the last whole number are left out.
    /// </summary>
    public static ReadOnlySpan<T> Values<T>(ReadOnlySpan<byte> bytes)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(InNativeOrder<T>(bytes));

    private static unsafe ReadOnlySpan<byte> InNativeOrder<T>(ReadOnlySpan<byte> bytes)
        where T : unmanaged
    {
        if (BitConverter.IsLittleEndian || sizeof(T) == 1)
        {
            return bytes;
        }

        var swapped = bytes.ToArray();
        for (var i = 0; i + sizeof(T) <= swapped.Length; i += sizeof(T))
        {
            swapped.AsSpan(i, sizeof(T)).Reverse();
        }

        return swapped;
    }
}
