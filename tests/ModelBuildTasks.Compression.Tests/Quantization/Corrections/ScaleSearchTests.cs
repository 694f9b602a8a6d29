using ModelBuildTasks.Compression.Kernels;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.Tests.Quantization.Corrections;

[TestClass]
public sealed class ScaleSearchTests
{
    [TestMethod]
    public void One_large_weight_is_clipped_where_the_many_others_gain_more()
    {
        // At scale 1 each 3.6 becomes 4 and is off by 0.4: 16 together. At 29/32 four levels are 3.625, and 7 is clipped to 6.34: 0.06 + 0.43. At 30/32 they are 3.75 (2.25 + 0.19), at 28/32 3.5 (1 + 0.77).
        float[] values = [7, .. Enumerable.Repeat(3.6f, 100)];

        Assert.AreEqual(29 / 32f, ScaleSearch.Of(values, 7));
    }

    [TestMethod]
    public void The_largest_of_scales_that_do_alike_is_taken()
    {
        Assert.AreEqual(1, ScaleSearch.Of([7, -3, 2], 7));
        // A scale of 1/2 would be as exact.
        Assert.AreEqual(1, ScaleSearch.Of([127, 0, 0], 127));
    }

    [TestMethod]
    public void Zeros_have_no_scale()
    {
        Assert.AreEqual(0, ScaleSearch.Of([0, 0], 127));
        Assert.AreEqual(0, ScaleSearch.Of([], 7));
        CollectionAssert.AreEqual(new[] { 0, 1f }, ScaleSearch.Scales(new SinglesReader(new[] { 0f, 0, 7, 1 }), new ChannelAxis(1, 2, 2, 0), 7));
    }

    [TestMethod]
    [DataRow(7)]
    [DataRow(127)]
    public void The_squared_error_is_never_larger_than_that_of_the_full_range(int highest)
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var values = RandomTensors.Singles(new Random(seed), 1 + (seed * 7));
            values[0] *= seed % 5;
            var fullRange = WeightQuantizer.Scale(AbsoluteMaximum.Of(values), highest);

            var scale = ScaleSearch.Of(values, highest);

            if (fullRange > 0)
            {
                Assert.IsTrue(RoundingErrors.Of(values, scale, highest) <= RoundingErrors.Of(values, fullRange, highest), $"seed {seed}");
                Assert.IsTrue(scale <= fullRange && scale > fullRange / 2, $"seed {seed}");
            }
        }
    }

    [TestMethod]
    public void Four_bits_gain_a_decibel_on_normal_weights()
    {
        var values = RandomTensors.Singles(new Random(1), 4096);

        var gain = 10 * Math.Log10(RoundingErrors.Of(values, WeightQuantizer.Scale(AbsoluteMaximum.Of(values), 7), 7) / RoundingErrors.Of(values, ScaleSearch.Of(values, 7), 7));

        Assert.IsGreaterThan(1, gain);
    }

    // Channels one behind the other, columns, both, and a channel longer than a part.
    [TestMethod]
    [DataRow(1, 5, 9)]
    [DataRow(40, 6, 1)]
    [DataRow(3, 4, 7)]
    [DataRow(1, 2, SinglesReader.LongestPart + 100)]
    public void The_scales_of_a_weight_are_those_of_its_channels(int outer, int channels, int inner)
    {
        var values = RandomTensors.Singles(new Random(inner), (long)outer * channels * inner);

        var scales = ScaleSearch.Scales(new SinglesReader(values), new ChannelAxis(outer, channels, inner, 0), 7);

        for (var channel = 0; channel < channels; channel++)
        {
            var own = values.Where((_, index) => index / inner % channels == channel).ToArray();
            Assert.AreEqual(ScaleSearch.Of(own, 7), scales[channel], $"channel {channel}");
        }
    }
}
