using System.Runtime.InteropServices;
using System.Text;

namespace ModelBuildTasks.Tests.Models;

/// <summary>Writes arrays in NumPy's .npy format, version 1.0.</summary>
internal static class NpyFile
{
    public static byte[] Create<T>(T[] values, params int[] shape)
        where T : unmanaged
    {
        var type = values switch
        {
            float[] => "<f4",
            double[] => "<f8",
            long[] => "<i8",
            byte[] => "|u1",
            _ => throw new ArgumentException($"No NumPy type for {typeof(T)}.", nameof(values)),
        };
        return Create(type, MemoryMarshal.AsBytes(values.AsSpan()), shape);
    }

    /// <summary>An array of texts of one character.</summary>
    public static byte[] CreateTexts(params int[] shape) => Create("<U1", new byte[shape.Aggregate(sizeof(int), (product, dimension) => product * dimension)], shape);

    /// <summary>An array of texts.</summary>
    public static byte[] CreateTexts(string[] texts)
    {
        var longest = texts.Max(text => text.Length);
        return Create($"<U{longest}", Encoding.UTF32.GetBytes(string.Concat(texts.Select(text => text.PadRight(longest, '\0')))), [texts.Length]);
    }

    private static byte[] Create(string type, ReadOnlySpan<byte> content, int[] shape)
    {
        var dimensions = string.Concat(shape.Select(dimension => $"{dimension}, "));
        var header = $"{{'descr': '{type}', 'fortran_order': False, 'shape': ({dimensions}), }}";
        const int Preamble = 10;
        header = header.PadRight(((Preamble + header.Length) / 64 * 64) + 64 - Preamble - 1) + "\n";
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, (byte)(header.Length >> 8), .. Encoding.ASCII.GetBytes(header), .. content];
    }
}
