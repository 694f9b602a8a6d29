using System.Numerics.Tensors;

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

        // Shifts and ors have the same bits on every instruction set.
        TensorPrimitives.ShiftLeft(high, 4, packed);
        TensorPrimitives.BitwiseOr(low, packed, packed);
    }
}
