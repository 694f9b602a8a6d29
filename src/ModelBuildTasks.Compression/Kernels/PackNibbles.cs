using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ModelBuildTasks.Compression.Kernels;

/// <summary>Two values of four bits to a byte.</summary>
internal static class PackNibbles
{
    /// <summary>low | high · 16, element by element.</summary>
    /// <param name="low">0 to 15.</param>
    /// <param name="high">0 to 15.</param>
    /// <param name="packed">As many bytes.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Of(ReadOnlySpan<byte> low, ReadOnlySpan<byte> high, Span<byte> packed)
    {
        if (low.Length != high.Length || packed.Length != low.Length)
        {
            throw new ArgumentException($"{low.Length} and {high.Length} values do not fit {packed.Length} bytes.", nameof(packed));
        }

        var place = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            place = Pack512(low, high, packed);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            place = Pack256(low, high, packed);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            place = Pack128(low, high, packed);
        }

        for (; place < packed.Length; place++)
        {
            packed[place] = (byte)(low[place] | (high[place] << 4));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Pack512(ReadOnlySpan<byte> low, ReadOnlySpan<byte> high, Span<byte> packed)
    {
        ref readonly var left = ref MemoryMarshal.GetReference(low);
        ref readonly var right = ref MemoryMarshal.GetReference(high);
        ref var target = ref MemoryMarshal.GetReference(packed);
        var end = packed.Length - (packed.Length % Vector512<byte>.Count);
        for (nuint i = 0; i < (nuint)end; i += (nuint)Vector512<byte>.Count)
        {
            (Vector512.LoadUnsafe(in left, i) | (Vector512.LoadUnsafe(in right, i).AsUInt16() << 4).AsByte()).StoreUnsafe(ref target, i);
        }

        return end;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Pack256(ReadOnlySpan<byte> low, ReadOnlySpan<byte> high, Span<byte> packed)
    {
        ref readonly var left = ref MemoryMarshal.GetReference(low);
        ref readonly var right = ref MemoryMarshal.GetReference(high);
        ref var target = ref MemoryMarshal.GetReference(packed);
        var end = packed.Length - (packed.Length % Vector256<byte>.Count);
        for (nuint i = 0; i < (nuint)end; i += (nuint)Vector256<byte>.Count)
        {
            (Vector256.LoadUnsafe(in left, i) | (Vector256.LoadUnsafe(in right, i).AsUInt16() << 4).AsByte()).StoreUnsafe(ref target, i);
        }

        return end;
    }

    // A value below 16 leaves its byte by no bit when it is shifted together with its neighbour.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Pack128(ReadOnlySpan<byte> low, ReadOnlySpan<byte> high, Span<byte> packed)
    {
        ref readonly var left = ref MemoryMarshal.GetReference(low);
        ref readonly var right = ref MemoryMarshal.GetReference(high);
        ref var target = ref MemoryMarshal.GetReference(packed);
        var end = packed.Length - (packed.Length % Vector128<byte>.Count);
        for (nuint i = 0; i < (nuint)end; i += (nuint)Vector128<byte>.Count)
        {
            (Vector128.LoadUnsafe(in left, i) | (Vector128.LoadUnsafe(in right, i).AsUInt16() << 4).AsByte()).StoreUnsafe(ref target, i);
        }

        return end;
    }
}
