namespace ModelBuildTasks.Compression.Devices;

/// <summary>How a processor wants numbers stored.</summary>
public enum NumericFormat
{
    /// <summary>Unsigned bytes with a zero point.</summary>
    UInt8,

    /// <summary>Signed bytes.</summary>
    Int8,

    /// <summary>Floating-point numbers of 16 bits (IEEE 754 binary16).</summary>
    Float16,
}
