using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Evaluation.Texts;

/// <summary>Samples of one input x of shape [1, steps, classes] (or [steps, 1, classes]), which hold the scores that a model is to give.</summary>
internal sealed class TextSamples(string[] paths, string[]? texts = null, bool timeFirst = false) : SampleSet
{
    public override int Count => paths.Length;

    public override bool HasLabels => false;

    public override bool HasTexts => texts is not null;

    public override IEnumerable<Sample> Read(IEnumerable<int> indices) => indices.Select(index => new Sample(
        "memory",
        index,
        new Dictionary<string, ModelValue>
        {
            ["x"] = new TensorValue(
                DataType.Float,
                timeFirst ? [paths[index].Length, 1, TextPaths.Classes] : [1, paths[index].Length, TextPaths.Classes],
                MemoryMarshal.AsBytes<float>(TextPaths.Scores(paths[index])).ToArray()),
        },
        null) { Text = texts?[index] });
}
