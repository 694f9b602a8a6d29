using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Benchmarks.Kernels;

/// <summary>One memory pass: every value is read once and added up, with four vectors of sums of the widest kind.</summary>
internal static class MemoryPass
{
    public static float Over(ReadOnlySpan<float> values)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            var vectors = MemoryMarshal.Cast<float, Vector512<float>>(values);
            var (a, b, c, d) = (Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero);
            for (var i = 0; i + 4 <= vectors.Length; i += 4)
            {
                a += vectors[i];
                b += vectors[i + 1];
                c += vectors[i + 2];
                d += vectors[i + 3];
            }

            return Vector512.Sum(a + b + c + d);
        }
        else
        {
            var vectors = MemoryMarshal.Cast<float, Vector256<float>>(values);
            var (a, b, c, d) = (Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero);
            for (var i = 0; i + 4 <= vectors.Length; i += 4)
            {
                a += vectors[i];
                b += vectors[i + 1];
                c += vectors[i + 2];
                d += vectors[i + 3];
            }

            return Vector256.Sum(a + b + c + d);
        }
    }
}
