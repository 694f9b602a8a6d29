using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Kernels;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.Tests.Quantization;

/// <summary>Weights are quantized in parts: the result is that of the whole.</summary>
[TestClass]
public sealed class WeightPartsTests
{
    private const int Longest = SinglesReader.LongestPart;

    [TestMethod]
    public void Blocks_cover_a_weight_once_in_order_and_know_their_channels()
    {
        var random = new Random(11);
        for (var trial = 0; trial < 2000; trial++)
        {
            var axis = new ChannelAxis(random.Next(1, 8), random.Next(1, 8), random.Next(1, 8), 0);
            var longest = random.Next(1, 70);
            var next = 0L;
            foreach (var block in axis.Blocks(longest))
            {
                Assert.AreEqual(next, block.Start);
                Assert.IsLessThanOrEqualTo(longest, block.Length);
                for (var i = 0; i < block.Length; i++)
                {
                    Assert.AreEqual((next + i) / axis.Inner % axis.Channels, block.FirstChannel + (i / block.Inner % block.Channels));
                }

                next += block.Length;
            }

            Assert.AreEqual(axis.Outer * axis.Channels * axis.Inner, next);
        }
    }

    [TestMethod]
    public void Blocks_are_as_large_as_they_may_be()
    {
        Assert.AreEqual("3x4x5 1x4x5", Blocks(new(4, 4, 5, 0), 79));
        Assert.AreEqual("1x3x5 1x1x5 1x3x5 1x1x5", Blocks(new(2, 4, 5, 0), 19));
        Assert.AreEqual("1x1x4 1x1x1 1x1x4 1x1x1", Blocks(new(1, 2, 5, 0), 4));
        Assert.AreEqual("", Blocks(new(1, 2, 0, 0), 4));
        Assert.AreEqual("", Blocks(new(0, 2, 3, 0), 4));
    }

    [TestMethod]
    public void Blocks_beyond_the_range_of_ints_have_their_places()
    {
        var axis = new ChannelAxis(100_000, 1000, 1000, 0);

        var last = axis.Blocks(1 << 19).Last();

        Assert.AreEqual(100_000L * 1000 * 1000, last.Start + last.Length);
    }

    [TestMethod]
    // Rows of channels, channels of few elements, a channel longer than a part, a row longer than a part.
    [DataRow(1500, 700, 1)]
    [DataRow(1, 3000, 400)]
    [DataRow(3, 200, 1777)]
    [DataRow(1, 2, Longest + 333)]
    [DataRow(2, Longest + 5, 1)]
    public void Scales_and_bytes_are_those_of_the_whole(int outer, int channels, int inner)
    {
        var values = RandomTensors.Singles(new Random(outer), outer * channels * inner);
        values[^1] = 3;
        var axis = new ChannelAxis(outer, channels, inner, 0);
        var maxima = new float[channels];
        AbsoluteMaximum.PerChannel(values, outer, channels, inner, maxima);
        var expectedScales = Array.ConvertAll(maxima, maximum => (float)(maximum / 127.0));
        var expected = new sbyte[values.Length];
        QuantizeLinear.PerChannel(values, expected, outer, channels, inner, expectedScales);

        var reader = new SinglesReader(values);
        var scales = WeightQuantizer.Scales(reader, axis);
        var weight = WeightQuantizer.Quantize(reader, axis, scales, length => new PayloadWriter(length));

        Assert.IsTrue(expectedScales.AsSpan().SequenceEqual(scales));
        Assert.IsTrue(MemoryMarshal.AsBytes(expected.AsSpan()).SequenceEqual(weight.Values.Span));
        Assert.AreEqual(values.Sum(value => (double)value * value), weight.Signal, weight.Signal * 1e-9);
        Assert.AreEqual(
            values.Select((value, i) => value - (double)(expected[i] * scales[i / inner % channels])).Sum(error => error * error),
            weight.Noise,
            weight.Noise * 1e-9);
    }

    private static string Blocks(ChannelAxis axis, int longest) => string.Join(' ', axis.Blocks(longest).Select(block => $"{block.Outer}x{block.Channels}x{block.Inner}"));
}
