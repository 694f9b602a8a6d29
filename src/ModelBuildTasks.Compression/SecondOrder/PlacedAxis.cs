namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>One dimension of a kernel on an input of a certain length.</summary>
/// <param name="Outputs">The output positions along it.</param>
/// <param name="Taps">The kernel's values along it.</param>
/// <param name="Offsets">[outputs, taps]: how far a tap lies from the input's first position, in values; −1 for padding.</param>
internal readonly record struct PlacedAxis(int Outputs, int Taps, int[] Offsets)
{
    /// <param name="kernel">The kernel.</param>
    /// <param name="length">The input's positions along it.</param>
    /// <param name="distance">From one position to the next, in values.</param>
    public static PlacedAxis Of(KernelAxis kernel, int length, int distance)
    {
        var (outputs, begin) = kernel.Over(length);
        var offsets = new int[checked(outputs * kernel.Taps)];
        for (var i = 0; i < offsets.Length; i++)
        {
            var (output, tap) = Math.DivRem(i, kernel.Taps);
            var place = (output * kernel.Stride) - begin + (tap * kernel.Dilation);
            offsets[i] = place < 0 || place >= length ? -1 : place * distance;
        }

        return new(outputs, kernel.Taps, offsets);
    }

    /// <summary>The offsets of all taps at an output position.</summary>
    public ReadOnlySpan<int> OffsetsAt(int output) => Offsets.AsSpan(output * Taps, Taps);
}
