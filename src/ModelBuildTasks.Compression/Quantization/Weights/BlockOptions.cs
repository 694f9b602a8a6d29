namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>How weights of four bits are stored.</summary>
/// <param name="Size">How many weights share a scale: 16, 32, 64, 128 or 256.</param>
/// <param name="IsSymmetric">Whether level 8 of 16 is always zero; else each block has a zero point.</param>
internal sealed record BlockOptions(int Size, bool IsSymmetric)
{
    /// <summary>4.5 bits for a weight.</summary>
    public static BlockOptions Default { get; } = new(32, true);

    /// <summary>Whether blocks may have a size: what the runtime's operators take.</summary>
    public static bool IsPossible(int size) => size is 16 or 32 or 64 or 128 or 256;
}
