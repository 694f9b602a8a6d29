using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace ModelBuildTasks.Compression.Kernels.Vectors;

internal static class Prefetch
{
    /// <summary>Asks for the cache line of a value that is read soon. A hint: the address may lie behind the end, and nothing happens where there is no such instruction.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Line(ref readonly float source, nuint offset)
    {
        if (Sse.IsSupported)
        {
            // The object may move meanwhile: then the hint is wasted.
            Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.Add(ref Unsafe.AsRef(in source), offset)));
        }
    }
}
