namespace ModelBuildTasks.Compression.Reporting;

/// <summary>An input or output whose integers stand for numbers: number = (integer − zero point) · scale.</summary>
/// <param name="Name">Its name in the model.</param>
/// <param name="Type">"uint8" or "int8".</param>
/// <param name="Scale">Positive and finite.</param>
/// <param name="ZeroPoint">The integer that stands for zero.</param>
public sealed record IntegerPortReport(string Name, string Type, double Scale, int ZeroPoint);
