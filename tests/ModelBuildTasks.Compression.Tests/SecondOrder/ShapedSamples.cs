using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Quantization;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.SecondOrder;

/// <summary>Samples of one input named x, whose neighbouring values depend on one another.</summary>
/// <param name="shape">The shape of the input.</param>
/// <param name="count">How many samples there are.</param>
/// <param name="change">Changes the values of a sample before they are used.</param>
internal sealed class ShapedSamples(long[] shape, int count, Action<float[]>? change = null) : SampleSet
{
    public IReadOnlyList<float[]> Values { get; } = [.. Enumerable.Range(0, count).Select(seed => Walk(shape.Aggregate(1L, (product, dimension) => product * dimension), seed, change))];

    public override int Count => Values.Count;

    public override bool HasLabels => false;

    public override IEnumerable<Sample> Read(IEnumerable<int> indices) => indices.Select(index => new Sample(
        "memory", index, new Dictionary<string, ModelValue> { ["x"] = new TensorValue(DataType.Float, shape, MemoryMarshal.AsBytes(Values[index].AsSpan()).ToArray()) }, null));

    private static float[] Walk(long length, int seed, Action<float[]>? change)
    {
        var values = RandomTensors.Singles(new Random(seed), length, 0.5);
        for (var i = 1; i < values.Length; i++)
        {
            values[i] += 0.9f * values[i - 1];
        }

        change?.Invoke(values);
        return values;
    }
}
