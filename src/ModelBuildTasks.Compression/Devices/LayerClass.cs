namespace ModelBuildTasks.Compression.Devices;

/// <summary>What the speed of a layer depends on besides its size: two layers of one class take the same time for a multiply-add.</summary>
/// <param name="Operator">Conv, Gemm or MatMul.</param>
/// <param name="Dimensions">Of the picture that a convolution goes over, 1 to 3; 0 for products.</param>
/// <param name="Kernel">Positions that a convolution's kernel covers: 1, 9 for 3×3 …; 1 for products.</param>
/// <param name="Groups">Groups of a convolution; 1 for products.</param>
/// <param name="Inputs">Channels that an output sums over at each position, so those of one group; for products the length of the sum.</param>
/// <param name="Outputs">Channels that a group writes; for products the columns.</param>
internal sealed record LayerClass(string Operator, int Dimensions, long Kernel, long Groups, long Inputs, long Outputs)
{
    /// <summary>Float convolutions in channel blocks take channels by four (MlasNchwc), as integer products take weights; what is no multiple runs in other kernels.</summary>
    private const int DenseAlignment = 4;

    /// <summary>Depthwise integer kernels take sixteen channels at a time.</summary>
    private const int DepthwiseAlignment = 16;

    /// <summary>Whether every channel of a convolution has its own weights.</summary>
    public bool IsDepthwise => Groups > 1 && Inputs == 1;

    private bool IsGrouped => Groups > 1 && Inputs > 1;

    private bool IsPointwise => Kernel == 1;

    private bool IsAligned => IsDepthwise ? Groups % DepthwiseAlignment == 0 : Inputs % DenseAlignment == 0 && Outputs % DenseAlignment == 0;

    /// <summary>Whether a number that was measured for the other class can stand in for this one at all: the operator is the same, and dense, grouped or depthwise alike.</summary>
    public bool IsKin(LayerClass other) => Operator == other.Operator && IsDepthwise == other.IsDepthwise && IsGrouped == other.IsGrouped;

    /// <summary>
    /// How far two kin classes are apart, the first number first: dimensions, a kernel of one position against a larger one, channels that fill the kernels' vectors against others, and the product of the ratios of
    /// kernels and channels (1 for equal ones). All are exact or one rounding of exact numbers, so that every machine finds the same class nearest.
    /// </summary>
    public (int Dimensions, bool Pointwise, bool Aligned, double Ratio) Distance(LayerClass other) => (
        Math.Abs(Dimensions - other.Dimensions),
        IsPointwise != other.IsPointwise,
        IsAligned != other.IsAligned,
        Ratio(Kernel, other.Kernel) * Ratio(Outputs, other.Outputs) * (IsDepthwise ? Ratio(Groups, other.Groups) : Ratio(Inputs, other.Inputs)));

    private static double Ratio(long one, long other) => (double)Math.Max(one, other) / Math.Min(one, other);
}
