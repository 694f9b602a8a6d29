namespace ModelBuildTasks.Compression.Kernels.Vectors;

/// <summary>
/// Eight doubles in any instruction set. Sums whose order matters keep eight partial sums, one per index modulo eight, so that every form adds the same numbers in the same order.
/// </summary>
internal interface IEightDoubles<TSelf>
    where TSelf : struct, IEightDoubles<TSelf>
{
    /// <summary>The same value in every lane.</summary>
    static abstract TSelf Broadcast(double value);

    /// <summary>Reads eight doubles.</summary>
    static abstract TSelf Load(ref readonly double source, nuint offset);

    /// <summary>Reads eight floats and widens them, exactly.</summary>
    static abstract TSelf Widen(ref readonly float source, nuint offset);

    static abstract TSelf operator +(TSelf left, TSelf right);

    static abstract TSelf operator -(TSelf left, TSelf right);

    static abstract TSelf operator *(TSelf left, TSelf right);

    static abstract TSelf operator /(TSelf left, TSelf right);

    /// <summary>The smaller value of each lane; unspecified for NaN and for the sign of zero, where processors differ.</summary>
    static abstract TSelf Minimum(TSelf left, TSelf right);

    /// <summary>The larger value of each lane; unspecified for NaN and for the sign of zero, where processors differ.</summary>
    static abstract TSelf Maximum(TSelf left, TSelf right);

    /// <summary>Writes eight doubles.</summary>
    static abstract void Store(TSelf value, ref double destination, nuint offset);
}
