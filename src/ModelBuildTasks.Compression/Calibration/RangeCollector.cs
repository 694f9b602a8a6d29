using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>Observes activations while a model runs over samples.</summary>
internal static class RangeCollector
{
    /// <summary>The range of every float value of the main graph (inputs, and outputs of nodes) over the samples, from one session whose intermediate outputs are exposed.</summary>
    public static ActivationRanges Collect(OnnxModel model, SampleSet samples, IReadOnlyList<int> indices, IProgress<double>? progress, CancellationToken cancellationToken) => throw new NotImplementedException();
}
