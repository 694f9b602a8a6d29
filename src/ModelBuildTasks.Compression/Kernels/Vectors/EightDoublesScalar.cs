using System.Runtime.CompilerServices;

namespace ModelBuildTasks.Compression.Kernels.Vectors;

/// <summary>Eight doubles without vector instructions.</summary>
[InlineArray(8)]
internal struct EightDoublesScalar : IEightDoubles<EightDoublesScalar>
{
    private double first;

    public static EightDoublesScalar Broadcast(double value)
    {
        var broadcast = default(EightDoublesScalar);
        for (var lane = 0; lane < 8; lane++)
        {
            broadcast[lane] = value;
        }

        return broadcast;
    }

    public static EightDoublesScalar Load(ref readonly double source, nuint offset)
    {
        var value = default(EightDoublesScalar);
        for (var lane = 0; lane < 8; lane++)
        {
            value[lane] = Unsafe.Add(ref Unsafe.AsRef(in source), offset + (nuint)lane);
        }

        return value;
    }

    public static EightDoublesScalar Widen(ref readonly float source, nuint offset)
    {
        var value = default(EightDoublesScalar);
        for (var lane = 0; lane < 8; lane++)
        {
            value[lane] = Unsafe.Add(ref Unsafe.AsRef(in source), offset + (nuint)lane);
        }

        return value;
    }

    public static EightDoublesScalar operator +(EightDoublesScalar left, EightDoublesScalar right)
    {
        for (var lane = 0; lane < 8; lane++)
        {
            left[lane] += right[lane];
        }

        return left;
    }

    public static EightDoublesScalar operator -(EightDoublesScalar left, EightDoublesScalar right)
    {
        for (var lane = 0; lane < 8; lane++)
        {
            left[lane] -= right[lane];
        }

        return left;
    }

    public static EightDoublesScalar operator *(EightDoublesScalar left, EightDoublesScalar right)
    {
        for (var lane = 0; lane < 8; lane++)
        {
            left[lane] *= right[lane];
        }

        return left;
    }

    public static EightDoublesScalar operator /(EightDoublesScalar left, EightDoublesScalar right)
    {
        for (var lane = 0; lane < 8; lane++)
        {
            left[lane] /= right[lane];
        }

        return left;
    }

    public static EightDoublesScalar Minimum(EightDoublesScalar left, EightDoublesScalar right)
    {
        for (var lane = 0; lane < 8; lane++)
        {
            left[lane] = left[lane] < right[lane] ? left[lane] : right[lane];
        }

        return left;
    }

    public static EightDoublesScalar Maximum(EightDoublesScalar left, EightDoublesScalar right)
    {
        for (var lane = 0; lane < 8; lane++)
        {
            left[lane] = left[lane] > right[lane] ? left[lane] : right[lane];
        }

        return left;
    }

    public static void Store(EightDoublesScalar value, ref double destination, nuint offset)
    {
        for (var lane = 0; lane < 8; lane++)
        {
            Unsafe.Add(ref destination, offset + (nuint)lane) = value[lane];
        }
    }
}
