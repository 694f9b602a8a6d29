namespace ModelBuildTasks.Compression.Calibration;

/// <summary>Which samples of a calibration set calibrate, and which judge the result: never the same ones.</summary>
/// <param name="Calibration">Positions that calibrate, ascending.</param>
/// <param name="Judged">Positions held out to judge, ascending; empty where a validation set judges, or where there is only one sample.</param>
internal sealed record SampleSplit(IReadOnlyList<int> Calibration, IReadOnlyList<int> Judged)
{
    /// <summary>
    /// With a validation set every sample calibrates. Without one, every second sample (the odd positions) is held out: half and half is deterministic, needs no random numbers, and stays balanced
    /// when a file is sorted by class. A single sample calibrates, and nothing judges. Where states are carried from sample to sample the order means something, and the second half is held out instead.
    /// </summary>
    /// <param name="count">The number of samples in the calibration set.</param>
    /// <param name="hasValidation">Whether a validation set exists.</param>
    /// <param name="isOrdered">Whether states are carried from sample to sample.</param>
    public static SampleSplit Of(int count, bool hasValidation, bool isOrdered = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        bool Calibrates(int index) => hasValidation || (isOrdered ? index < (count + 1) / 2 : index % 2 == 0);
        return new SampleSplit(
            [.. Enumerable.Range(0, count).Where(Calibrates)],
            [.. Enumerable.Range(0, count).Where(index => !Calibrates(index))]);
    }
}
