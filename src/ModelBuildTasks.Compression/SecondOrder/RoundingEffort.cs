using ModelBuildTasks.Compression.Passes;

namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>How much work rounding may be, counted, so that it ends alike on every machine.</summary>
/// <param name="Steps">In how many steps layers are rounded: those of a step read what all steps before it made.</param>
/// <param name="Samples">How many samples are run at most.</param>
/// <param name="RowsPerInput">How many rows are taken for each input of a layer at most.</param>
internal sealed record RoundingEffort(int Steps, int Samples, int RowsPerInput)
{
    /// <summary>The effort of a request that asks for rounding at all.</summary>
    public static RoundingEffort Of(Effort effort) => Environment.GetEnvironmentVariable("AIM_EFFORT") is { } text && Array.ConvertAll(text.Split(','), int.Parse) is [var a, var b, var c] ? new(a, b, c) : effort == Effort.Best ? new(64, 256, 64) : new(8, 64, 16);
}
