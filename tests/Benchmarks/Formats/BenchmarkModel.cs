namespace Benchmarks.Formats;

/// <summary>A model of the table and its data.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Path">Its file.</param>
/// <param name="Calibration">Samples that calibrate.</param>
/// <param name="Validation">Samples that judge, none of which calibrates.</param>
internal sealed record BenchmarkModel(string Name, string Path, string Calibration, string Validation)
{
    /// <summary>What the classes of a text recognizer stand for; null for other models.</summary>
    public string? Keys { get; init; }
}
