using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ModelBuildTasks.Compression.Kernels.Vectors;

/// <summary>Chooses the form of a kernel: the widest the processor runs well.</summary>
internal static class WidestVector
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<TKernel>(ref TKernel kernel)
        where TKernel : struct, ISinglesKernel, allows ref struct
    {
        if (Vector512.IsHardwareAccelerated)
        {
            kernel.Run<Singles512>();
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            kernel.Run<Singles256>();
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            kernel.Run<Singles128>();
        }
        else
        {
            kernel.Run<Singles1>();
        }
    }
}
