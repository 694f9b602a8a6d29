using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Tests.Quantization;

/// <summary>Seeded values that look like weights and activations: normally distributed.</summary>
internal static class RandomTensors
{
    public static float[] Singles(Random random, long count, double deviation = 1) =>
        [.. Enumerable.Range(0, checked((int)count)).Select(_ => (float)(deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];

    /// <summary>A weight whose layer keeps the magnitude of its input; every channel (of the first axis) has a magnitude of its own, so that one scale for all would show.</summary>
    public static TensorProto Weight(int seed, params long[] dims)
    {
        var count = dims.Aggregate(1L, (product, dimension) => product * dimension);
        var random = new Random(seed);
        var values = Singles(random, count, 1 / Math.Sqrt((double)count / dims[0]));
        var perRow = (int)(count / dims[0]);
        for (var i = 0; i < values.Length; i++)
        {
            values[i] *= 0.5f + (i / perRow % 4);
        }

        return TensorValues.Create("", values, dims);
    }

    public static TensorProto Row(int seed, params long[] dims) => TensorValues.Create("", Singles(new Random(seed), dims.Aggregate(1L, (product, dimension) => product * dimension)), dims);
}
