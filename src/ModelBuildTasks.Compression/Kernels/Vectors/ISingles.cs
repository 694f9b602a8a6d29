namespace ModelBuildTasks.Compression.Kernels.Vectors;

/// <summary>
/// A vector of floats of one width. A kernel is written once against this interface and runs in four forms, AVX-512, AVX2, 128 bits and scalar, that give the same bits:
/// every operation here rounds as IEEE 754 says, and none fuses a multiplication with an addition.
/// </summary>
internal interface ISingles<TSelf>
    where TSelf : struct, ISingles<TSelf>
{
    /// <summary>Lanes of the vector.</summary>
    static abstract int Count { get; }

    /// <summary>The same value in every lane.</summary>
    static abstract TSelf Broadcast(float value);

    /// <summary>Reads <see cref="Count"/> values.</summary>
    static abstract TSelf Load(ref readonly float source, nuint offset);

    /// <summary>Reads <see cref="Count"/> signed bytes and converts them, exactly.</summary>
    static abstract TSelf LoadSignedBytes(ref readonly sbyte source, nuint offset);

    static abstract TSelf operator +(TSelf left, TSelf right);

    static abstract TSelf operator -(TSelf left, TSelf right);

    static abstract TSelf operator *(TSelf left, TSelf right);

    static abstract TSelf operator /(TSelf left, TSelf right);

    /// <summary>The smaller value of each lane; unspecified for NaN and for the sign of zero, where processors differ.</summary>
    static abstract TSelf Minimum(TSelf left, TSelf right);

    /// <summary>The larger value of each lane; unspecified for NaN and for the sign of zero, where processors differ.</summary>
    static abstract TSelf Maximum(TSelf left, TSelf right);

    /// <summary>The larger magnitude of each lane in the order of the bit patterns: finite values, then infinity, then NaN. <paramref name="magnitude"/> has no sign bit set.</summary>
    static abstract TSelf MaximumMagnitude(TSelf magnitude, TSelf value);

    /// <summary>
    /// One bit for each lane, the lowest for the first: whether the bits of its magnitude, as an integer, are more than those of <paramref name="limit"/>. All magnitudes are more than a limit of −1.
    /// </summary>
    static abstract uint GreaterMagnitudes(TSelf value, TSelf limit);

    /// <summary>The value where <see cref="GreaterMagnitudes"/> has a bit for <paramref name="saliency"/>, positive zero elsewhere.</summary>
    static abstract TSelf ZeroUnlessGreater(TSelf value, TSelf saliency, TSelf limit);

    /// <summary>Zero in the place of NaN.</summary>
    static abstract TSelf ZeroWhereNaN(TSelf value);

    /// <summary>How many lanes are zero, of either sign.</summary>
    static abstract int CountZeros(TSelf value);

    /// <summary>Writes <see cref="Count"/> values.</summary>
    static abstract void Store(TSelf value, ref float destination, nuint offset);

    /// <summary>Writes the integer part of each lane, shifted left. Lanes are at least 0 and fit after the shift.</summary>
    static abstract void StoreTruncated(TSelf value, int shift, ref int destination, nuint offset);

    /// <summary>Rounds each lane to the nearest integer, ties to even, adds <paramref name="addend"/> and writes the lowest byte. Lanes are within ±2²¹.</summary>
    static abstract void StoreRoundedBytes(TSelf value, int addend, ref byte destination, nuint offset);

    /// <summary>Writes for each lane, as a byte, how many of fifteen ascending limits are less than it; none for NaN.</summary>
    /// <param name="value">The lanes.</param>
    /// <param name="limits">Fifteen limits, and a sixteenth that is positive infinity.</param>
    /// <param name="destination">Where <see cref="Count"/> bytes are written.</param>
    /// <param name="offset">After how many bytes of it.</param>
    static abstract void StoreBuckets(TSelf value, ref readonly float limits, ref byte destination, nuint offset);
}
