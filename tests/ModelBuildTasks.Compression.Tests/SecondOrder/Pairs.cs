using ModelBuildTasks.Compression.SecondOrder;

namespace ModelBuildTasks.Compression.Tests.SecondOrder;

/// <summary>Inputs that stay side by side.</summary>
internal static class Pairs
{
    /// <summary>The pairs of a grid, and the inputs without a partner.</summary>
    public static int[][] Units(PairedByteRounding grid, int inputs) =>
        [.. Enumerable.Range(0, inputs).Where(input => grid.Partner(input) is null || grid.Partner(input) > input).Select(input => grid.Partner(input) is { } other ? new[] { input, other } : [input])];
}
