using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.SecondOrder;

namespace ModelBuildTasks.Compression.Pruning;

/// <summary>How much work pruning by samples may be, counted.</summary>
/// <param name="Observation">Steps, samples and rows of Hessians.</param>
/// <param name="Products">Multiply-adds that the orders of removal may take, all layers together; those that take most have their weights chosen at once where they are more.</param>
/// <param name="SensitivitySamples">Samples that tell what each layer's error does to the outputs.</param>
internal sealed record PruningEffort(RoundingEffort Observation, double Products, int SensitivitySamples)
{
    /// <summary>The effort of a request.</summary>
    public static PruningEffort Of(Effort effort) => effort switch
    {
        Effort.Fast => new(new(2, 256, 16, 2e11), 0, 32),
        Effort.Best => new(new(64, 4096, 64, 1e13), 1e13, 32),
        _ => new(new(8, 1024, 16, 2e11), 2e11, 32),
    };
}
