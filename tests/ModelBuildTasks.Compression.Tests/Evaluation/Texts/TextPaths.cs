using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Evaluation;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Evaluation.Texts;

/// <summary>Scores written as the best class of each step: a letter of the keys a, b and c, _ for the space behind them, - for the blank.</summary>
internal static class TextPaths
{
    /// <summary>The blank, three keys and the space.</summary>
    public const int Classes = 5;

    /// <summary>One where the path goes, zero elsewhere: [steps, classes].</summary>
    public static float[] Scores(string path) => [.. path.SelectMany(step => Enumerable.Range(0, Classes).Select(@class => "-abc_"[@class] == step ? 1f : 0f))];

    /// <summary>A file of the keys.</summary>
    public static TextKeys Keys(TemporaryFolder folder, string content = "a\nb\nc\n") => TextKeys.Load(folder.Write("keys.txt", System.Text.Encoding.UTF8.GetBytes(content)));
}

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
