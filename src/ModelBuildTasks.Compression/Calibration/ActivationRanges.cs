namespace ModelBuildTasks.Compression.Calibration;

/// <summary>The range of every float activation of a model: the artefact that can be committed and reused so that every machine writes the same bytes.</summary>
internal sealed record ActivationRanges(IReadOnlyDictionary<string, ValueRange> Ranges)
{
    /// <summary>Reads a ranges file.</summary>
    /// <exception cref="Diagnostics.CompressionException">AIM1108.</exception>
    public static ActivationRanges Load(string path) => throw new NotImplementedException();

    /// <summary>Writes a ranges file: sorted by name, round-trip exact numbers, no paths and no times.</summary>
    public void Save(string path) => throw new NotImplementedException();
}
