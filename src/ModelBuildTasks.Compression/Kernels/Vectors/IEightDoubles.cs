namespace ModelBuildTasks.Compression.Kernels.Vectors;

/// <summary>
/// Eight doubles in any instruction set. Sums whose order matters keep eight partial sums, one per index modulo eight, so that every form adds the same numbers in the same order.
/// </summary>
internal interface IEightDoubles<TSelf>
    where TSelf : struct, IEightDoubles<TSelf>
{
    /// <summary>Reads eight doubles.</summary>
    static abstract TSelf Load(ref readonly double source, nuint offset);

    /// <summary>Reads eight floats and widens them, exactly.</summary>
    static abstract TSelf Widen(ref readonly float source, nuint offset);

    static abstract TSelf operator +(TSelf left, TSelf right);

    static abstract TSelf operator -(TSelf left, TSelf right);

    static abstract TSelf operator *(TSelf left, TSelf right);

    /// <summary>Writes eight doubles.</summary>
    static abstract void Store(TSelf value, ref double destination, nuint offset);
}
