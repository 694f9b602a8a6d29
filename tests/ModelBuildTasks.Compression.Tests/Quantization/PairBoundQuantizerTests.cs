using ModelBuildTasks.Compression.Kernels;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.Tests.Quantization;

[TestClass]
public sealed class PairBoundQuantizerTests
{
    private const int Longest = SinglesReader.LongestPart;

    [TestMethod]
    public void A_channel_whose_pairs_fit_is_quantized_as_without_a_bound()
    {
        // The two largest are of opposite signs, or apart.
        float[] values = [127, -126, 3, 1, 100, 28, -20, 127];
        var axis = new ChannelAxis(1, 2, 4, 0);

        var weight = Quantize(values, axis, new PairOrder(4, 1));

        CollectionAssert.AreEqual(new[] { 1f, 1f }, weight.Scales);
        CollectionAssert.AreEqual(new sbyte[] { 127, -126, 3, 1, 100, 28, -20, 127 }, Bytes(weight));
        Assert.AreEqual(0, weight.Noise);
    }

    [TestMethod]
    public void A_channel_of_equal_weights_takes_the_smallest_scale_at_which_they_fit()
    {
        // 64 each at scale 2; anything finer moves both.
        float[] values = [128, 128];

        var weight = Quantize(values, new ChannelAxis(1, 1, 2, 0), new PairOrder(2, 1));

        Assert.AreEqual(2f, weight.Scales[0]);
        CollectionAssert.AreEqual(new sbyte[] { 64, 64 }, Bytes(weight));
    }

    [TestMethod]
    public void One_pair_among_many_is_moved_so_that_the_others_are_rounded_finely()
    {
        var random = new Random(1);
        var values = Enumerable.Range(0, 2000).Select(_ => (float)((random.NextDouble() * 60) - 30)).ToArray();
        (values[0], values[1], values[2]) = (127, 2.5f, -127);

        var weight = Quantize(values, new ChannelAxis(1, 1, 2000, 0), new PairOrder(2000, 1));

        Assert.IsLessThan(129.5f / 128, weight.Scales[0]);
        Assert.AreEqual(128, Bytes(weight)[0] + Bytes(weight)[1]);
    }

    [TestMethod]
    public void Positions_of_a_kernel_come_before_its_channels()
    {
        // [channel, position]: 100 and 90 are neighbours in the tensor, but the sum pairs the channels of one position.
        float[] apart = [100, 90, 0, 0];
        float[] together = [100, 0, 90, 0];
        var axis = new ChannelAxis(1, 1, 4, 0);
        var order = new PairOrder(4, 2);

        CollectionAssert.AreEqual(new sbyte[] { 127, 114, 0, 0 }, Bytes(Quantize(apart, axis, order)));
        var bytes = Bytes(Quantize(together, axis, order));
        Assert.AreEqual(128, bytes[0] + bytes[2]);
    }

    [TestMethod]
    public void Channels_of_zeros_have_scale_one_in_either_layout()
    {
        Assert.AreEqual(1f, Quantize(new float[6], new ChannelAxis(1, 1, 6, 0), new PairOrder(6, 1)).Scales[0]);
        float[] columns = [0, 3, 0, 3, 0, 3];
        var weight = Quantize(columns, new ChannelAxis(3, 2, 1, 1), new PairOrder(3, 1));
        Assert.AreEqual(1f, weight.Scales[0]);
        CollectionAssert.AreEqual(new sbyte[] { 0, 64, 0, 64, 0, 64 }, Bytes(weight));
    }

    [TestMethod]
    public void Magnitudes_near_the_largest_float_do_no_harm()
    {
        var weight = Quantize([3e38f, 3e38f, 1e38f], new ChannelAxis(1, 1, 3, 0), new PairOrder(3, 1));

        Assert.IsTrue(float.IsFinite(weight.Scales[0]));
        Assert.IsLessThanOrEqualTo(128, Bytes(weight)[0] + Bytes(weight)[1]);
    }

    [TestMethod]
    public void The_error_in_the_output_is_never_larger_than_with_the_scale_at_which_every_pair_fits()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var depth = 2 + (seed % 60);
            var values = RandomTensors.Singles(new Random(seed), depth);
            var (first, second) = Pairs(values);
            var scales = PairScales.Of(AbsoluteMaximum.Of(values), first.Zip(second, (a, b) => Math.Abs(a + b)).Max(), 128);

            var chosen = PairBoundQuantizer.Scales(new SinglesReader(values), new ChannelAxis(1, 1, depth, 0), new PairBound(new PairOrder(depth, 1), 128))[0];

            Assert.IsTrue(chosen >= scales.FullRange && chosen <= scales.PairSafe);
            Assert.IsLessThanOrEqualTo(PairScales.OutputError(PairedErrors.Of(first, second, scales.PairSafe, 128)), PairScales.OutputError(PairedErrors.Of(first, second, chosen, 128)));
            var (x, y) = (new sbyte[first.Length], new sbyte[first.Length]);
            QuantizeLinear.ToInt8(first, x, scales.PairSafe, 0, -127, 127);
            QuantizeLinear.ToInt8(second, y, scales.PairSafe, 0, -127, 127);
            Assert.IsLessThanOrEqualTo(128, x.Zip(y, (a, b) => Math.Abs(a + b)).Max(), "At the scale at which every pair fits, none is moved.");
        }
    }

    [TestMethod]
    public void Columns_and_channels_in_one_piece_are_quantized_alike()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var (depth, channels) = (1 + (seed % 29), 1 + (seed % 17));
            var columns = RandomTensors.Singles(new Random(seed), depth * channels);
            var rows = new float[columns.Length];
            for (var i = 0; i < columns.Length; i++)
            {
                rows[(i % channels * depth) + (i / channels)] = columns[i];
            }

            var byColumn = Quantize(columns, new ChannelAxis(depth, channels, 1, 1), new PairOrder(depth, 1));
            var byRow = Quantize(rows, new ChannelAxis(1, channels, depth, 0), new PairOrder(depth, 1));

            // The sums of errors are made in another order, so that two scales of nearly the same error may be taken for each other: none is here.
            CollectionAssert.AreEqual(byRow.Scales, byColumn.Scales, $"seed {seed}");
            var (columnBytes, rowBytes) = (Bytes(byColumn), Bytes(byRow));
            for (var i = 0; i < columns.Length; i++)
            {
                Assert.AreEqual(rowBytes[(i % channels * depth) + (i / channels)], columnBytes[i]);
            }

            Assert.AreEqual(byRow.Noise, byColumn.Noise, byRow.Noise * 1e-9);
            Assert.AreEqual(byRow.Signal, byColumn.Signal, byRow.Signal * 1e-9);
        }
    }

    [TestMethod]
    // Many channels in a part, a channel longer than a part, kernel positions in a long channel.
    [DataRow(3000, 400, 1)]
    [DataRow(2, Longest + 333, 1)]
    [DataRow(1, 3 * (Longest / 2), 3)]
    public void Channels_in_parts_are_those_of_the_whole(int channels, int depth, int positions)
    {
        var values = RandomTensors.Singles(new Random(depth), channels * depth);
        var order = new PairOrder(depth, positions);
        var weight = Quantize(values, new ChannelAxis(1, channels, depth, 0), order);
        var bytes = Bytes(weight);

        foreach (var channel in new[] { 0, channels - 1 })
        {
            var summed = new float[depth];
            for (var element = 0; element < depth; element++)
            {
                summed[order.Place(element)] = values[(channel * depth) + element];
            }

            var (first, second) = Pairs(summed);
            var (x, y) = (new sbyte[first.Length], new sbyte[first.Length]);
            PairedQuantizeLinear.ToInt8(first, second, x, y, weight.Scales[channel], 128);
            for (var element = 0; element < depth; element++)
            {
                var place = order.Place(element);
                Assert.AreEqual((place % 2 == 0 ? x : y)[place / 2], bytes[(channel * depth) + element]);
            }
        }
    }

    [TestMethod]
    // Many rows in a part, and rows longer than a part.
    [DataRow(701, 1500)]
    [DataRow(3, Longest + 5)]
    public void Rows_in_parts_are_those_of_the_whole(int depth, int channels)
    {
        var values = RandomTensors.Singles(new Random(depth), channels * depth);
        var weight = Quantize(values, new ChannelAxis(depth, channels, 1, 1), new PairOrder(depth, 1));
        var bytes = Bytes(weight);

        for (var row = 0; row < depth; row += 2)
        {
            var first = values.AsSpan(row * channels, channels);
            var second = row + 1 < depth ? values.AsSpan((row + 1) * channels, channels) : new float[channels];
            var (x, y) = (new sbyte[channels], new sbyte[channels]);
            PairedQuantizeLinear.PerChannel(first, second, x, y, weight.Scales, 128);
            Assert.IsTrue(bytes.AsSpan(row * channels, channels).SequenceEqual(x));
            Assert.IsTrue(row + 1 == depth || bytes.AsSpan((row + 1) * channels, channels).SequenceEqual(y));
        }
    }

    [TestMethod]
    public void A_weight_of_neither_layout_is_refused() =>
        Assert.ThrowsExactly<ArgumentException>(() => PairBoundQuantizer.Scales(new SinglesReader(new float[8]), new ChannelAxis(2, 2, 2, 1), new PairBound(new PairOrder(4, 1), 128)));

    private static (float[] First, float[] Second) Pairs(float[] values) =>
        ([.. values.Where((_, i) => i % 2 == 0)], [.. values.Where((_, i) => i % 2 == 1), .. values.Length % 2 == 1 ? new float[1] : []]);

    private static QuantizedWeight Quantize(float[] values, ChannelAxis axis, PairOrder order)
    {
        var reader = new SinglesReader(values);
        var bound = new PairBound(order, 128);
        return PairBoundQuantizer.Quantize(reader, axis, bound, PairBoundQuantizer.Scales(reader, axis, bound), length => new PayloadWriter(length));
    }

    private static sbyte[] Bytes(QuantizedWeight weight) => Array.ConvertAll(weight.Values.ToByteArray(), value => (sbyte)value);
}
