namespace ModelBuildTasks.Compression.Kernels.Vectors;

internal static class Rounding
{
    // Where one unit in the last place is 1, an addition rounds to an integer, ties to even, in every instruction set alike; the lowest byte of the sum's bits is then that of the integer.
    // 1.5 · 2²³ leaves room on both sides, and its own lowest byte is zero.
    public const float ToInteger = 12582912f;

    // The same of a double: 1.5 · 2⁵².
    public const double DoubleToInteger = 6755399441055744;
}
