using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Corpus.Tests.Models;

/// <summary>Test data of a model as a calibration set.</summary>
internal sealed class CorpusSamples(IReadOnlyList<IReadOnlyDictionary<string, ModelValue>> samples) : SampleSet
{
    public override int Count => samples.Count;

    public override bool HasLabels => false;

    public override IEnumerable<Sample> Read(IEnumerable<int> indices) => indices.Select(index => new Sample("", index, samples[index], null));
}
