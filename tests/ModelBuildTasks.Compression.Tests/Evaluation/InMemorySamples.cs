using System.Collections.ObjectModel;
using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Evaluation;

/// <summary>Samples of one float input named x, given row by row; a longer row is a batch of several of a width.</summary>
internal sealed class InMemorySamples(float[][] rows, int?[]? labels = null, int? width = null, IReadOnlyDictionary<string, TensorValue>?[]? expected = null) : SampleSet
{
    public override int Count => rows.Length;

    public override bool HasLabels => labels is not null;

    public override IEnumerable<Sample> Read(IEnumerable<int> indices) => indices.Select(index => new Sample(
        "memory",
        index,
        new Dictionary<string, ModelValue> { ["x"] = new TensorValue(DataType.Float, [rows[index].Length / (width ?? rows[index].Length), width ?? rows[index].Length], MemoryMarshal.AsBytes<float>(rows[index]).ToArray()) },
        labels?[index]) { Expected = expected?[index] ?? ReadOnlyDictionary<string, TensorValue>.Empty });
}
