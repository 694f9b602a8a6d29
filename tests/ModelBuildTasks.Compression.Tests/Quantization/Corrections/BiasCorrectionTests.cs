using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Corrections;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.Tests.Quantization.Corrections;

[TestClass]
public sealed class BiasCorrectionTests
{
    [TestMethod]
    public void The_mean_error_of_a_small_layer_is_taken_off_its_bias()
    {
        // Two outputs of two inputs: the errors are 0.1 · 2 and −0.25 · 2 + 0.5 · 4.
        float[] weights = [1, 2, 3, 4];
        float[] restored = [1.125f, 2, 2.75f, 4.5f];

        var corrected = BiasCorrection.Corrected([10, 20], weights, restored, new WeightLayout(true, 2, 2, 1, 1), [2, 4]);

        CollectionAssert.AreEqual(new[] { 10 - 0.25f, 20 - 1.5f }, corrected);
    }

    [TestMethod]
    public void The_columns_of_a_matrix_are_outputs()
    {
        var corrected = BiasCorrection.Corrected([], [1, 2, 3, 4], [1.125f, 2, 2.75f, 4.5f], new WeightLayout(false, 2, 2, 1, 1), [2, 4]);

        CollectionAssert.AreEqual(new[] { -0.25f + 1, -2f }, corrected);
    }

    [TestMethod]
    public void Each_group_of_a_convolution_has_its_own_inputs()
    {
        // Two groups of one input and two outputs each, with kernels of two positions.
        float[] weights = new float[8];
        float[] restored = [1, 0, 0, 2, 3, 0, 0, 4];

        var corrected = BiasCorrection.Corrected([], weights, restored, new WeightLayout(true, 4, 1, 2, 2), [10, 100]);

        CollectionAssert.AreEqual(new[] { -10f, -20, -300, -400 }, corrected);
    }

    [TestMethod]
    public void Bytes_are_restored_by_the_scales_of_their_channels()
    {
        foreach (var (axis, layout) in new[] { (new ChannelAxis(1, 6, 20, 0), new WeightLayout(true, 6, 4, 5, 1)), (new ChannelAxis(20, 6, 1, 1), new WeightLayout(false, 6, 20, 1, 1)), (new ChannelAxis(1, 6, 20, 0), new WeightLayout(true, 6, 2, 10, 2)) })
        {
            var values = RandomTensors.Singles(new Random(layout.Positions), 120);
            var means = RandomTensors.Singles(new Random(3), layout.Inputs);
            var reader = new SinglesReader(values);
            var quantized = WeightQuantizer.Quantize(reader, axis, WeightQuantizer.Scales(reader, axis), length => new PayloadWriter(length));
            var restored = quantized.Values.Select((value, index) => (sbyte)value * quantized.Scales[index / axis.Inner % axis.Channels]).ToArray();

            var errors = BiasCorrection.MeanErrors(reader, quantized.Restored(axis), layout, means);

            CollectionAssert.AreEqual(BiasCorrection.Corrected([], values, restored, layout, means), BiasCorrection.Corrected([], errors));
        }
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Levels_are_restored_by_the_scales_and_zero_points_of_their_blocks(bool isSymmetric)
    {
        // A convolution of 18 products in blocks of 16, and a matrix whose columns are outputs.
        foreach (var (blocks, layout) in new[] { (new BlockLayout(6, 18, 1, 16), new WeightLayout(true, 6, 6, 3, 1)), (new BlockLayout(1, 18, 300, 16), new WeightLayout(false, 300, 18, 1, 1)) })
        {
            var values = RandomTensors.Singles(new Random(1), (long)blocks.Rows * blocks.Depth);
            var means = RandomTensors.Singles(new Random(3), layout.Inputs);
            var reader = new SinglesReader(values);
            var grid = BlockQuantizer.Grid(reader, blocks, new BlockOptions(16, isSymmetric));
            var restored = values.Select((value, index) =>
            {
                var block = blocks.Inner == 1 ? (index / blocks.Depth * blocks.BlocksPerRow) + (index % blocks.Depth / 16) : (index % blocks.Inner * blocks.BlocksPerRow) + (index / blocks.Inner / 16);
                return Math.Clamp(MathF.Round(value * (1 / grid.Scales[block])), -grid.ZeroPoint(block), 15 - grid.ZeroPoint(block)) * grid.Scales[block];
            }).ToArray();

            var errors = BiasCorrection.MeanErrors(reader, BlockQuantizer.Round(reader, grid, length => new PayloadWriter(length)).Restored(), layout, means);

            CollectionAssert.AreEqual(BiasCorrection.Corrected([], values, restored, layout, means), BiasCorrection.Corrected([], errors));
        }
    }

    [TestMethod]
    public void Lengths_that_do_not_fit_are_refused()
    {
        Assert.ThrowsExactly<ArgumentException>(() => BiasCorrection.Corrected([], [1, 2], [1], new WeightLayout(true, 2, 1, 1, 1), [1]));
        Assert.ThrowsExactly<ArgumentException>(() => BiasCorrection.Corrected([], [1, 2], [1, 2], new WeightLayout(true, 2, 1, 1, 1), [1, 2]));
        Assert.ThrowsExactly<ArgumentException>(() => BiasCorrection.Corrected([1], [1, 2], [1, 2], new WeightLayout(true, 2, 1, 1, 1), [1]));
    }
}
