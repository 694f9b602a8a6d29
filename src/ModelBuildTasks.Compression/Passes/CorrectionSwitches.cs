namespace ModelBuildTasks.Compression.Passes;

/// <summary>Which corrections of quantization errors are made. All are, wherever they apply; benchmarks and tests switch each off to tell what it is worth.</summary>
/// <param name="WeightScales">Weight scales are chosen by their squared error; else they just hold the largest weight.</param>
/// <param name="Bias">The mean error of a layer's output is taken off its bias.</param>
/// <param name="Equalization">Channels between layers are scaled so that they share a range.</param>
/// <param name="Smoothing">Channels of activations that are much larger than the others are divided where that is measured to pay.</param>
/// <param name="Ranges">Ranges of activations are widened where that makes the outputs better.</param>
internal sealed record CorrectionSwitches(bool WeightScales = true, bool Bias = true, bool Equalization = true, bool Smoothing = true, bool Ranges = true)
{
    public static CorrectionSwitches All { get; } = new();

    public static CorrectionSwitches None { get; } = new(false, false, false, false, false);
}
