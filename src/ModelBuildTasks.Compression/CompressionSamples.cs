using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Execution;

namespace ModelBuildTasks.Compression;

/// <summary>The samples that calibrate and the samples that judge: never the same ones.</summary>
/// <param name="Calibration">The set that calibrates, or null without calibration data.</param>
/// <param name="CalibrationIndices">Its samples that calibrate.</param>
/// <param name="Judged">The set that judges, or null without any.</param>
/// <param name="JudgedIndices">Its samples that judge.</param>
internal sealed record CompressionSamples(SampleSet? Calibration, IReadOnlyList<int> CalibrationIndices, SampleSet? Judged, IReadOnlyList<int> JudgedIndices)
{
    /// <summary>Opens and checks all data of a request before anything expensive is done.</summary>
    public static CompressionSamples Open(CompressionRequest request, ModelPorts ports)
    {
        var textLabels = request.Keys is not null;
        var calibration = request.Calibration.Count == 0 ? null : SampleSet.Open(request.Calibration, ports, request.Images, textLabels);
        var validation = request.Validation.Count == 0 ? null : SampleSet.Open(request.Validation, ports, request.Images, textLabels);
        var split = SampleSplit.Of(calibration?.Count ?? 0, validation is not null, calibration?.States.Count > 0);
        return validation is not null
            ? new(calibration, split.Calibration, validation, [.. Enumerable.Range(0, validation.Count)])
            : new(calibration, split.Calibration, calibration, split.Judged);
    }

    /// <summary>The sample that times both models.</summary>
    public Sample FirstJudged() => Judged!.Read(JudgedIndices.Take(1)).Single();
}
