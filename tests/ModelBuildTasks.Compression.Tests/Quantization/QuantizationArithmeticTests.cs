using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.Tests.Quantization;

[TestClass]
public sealed class QuantizationArithmeticTests
{
    [TestMethod]
    [DataRow(0f, 255f, 1f, 0)]
    [DataRow(-1f, 1f, 2f / 255, 128)]
    [DataRow(-255f, 0f, 1f, 255)]
    [DataRow(-0.5f, 1.5f, 2f / 255, 64)]
    // Widened to hold zero.
    [DataRow(2f, 51f, 0.2f, 0)]
    [DataRow(-51f, -3f, 0.2f, 255)]
    // Nothing to measure.
    [DataRow(0f, 0f, 1f, 0)]
    [DataRow(-1e-38f, 1e-38f, 1f, 0)]
    public void A_range_becomes_a_scale_and_a_zero_point(float minimum, float maximum, float scale, int zeroPoint)
    {
        var parameters = ActivationParameters.FromRange(new ValueRange(minimum, maximum));

        Assert.AreEqual(scale, parameters.Scale);
        Assert.AreEqual(zeroPoint, parameters.ZeroPoint);
    }

    [TestMethod]
    public void The_widest_range_has_a_finite_scale()
    {
        var parameters = ActivationParameters.FromRange(new ValueRange(-float.MaxValue, float.MaxValue));

        Assert.IsTrue(float.IsFinite(parameters.Scale));
        Assert.AreEqual(128, parameters.ZeroPoint);
    }

    [TestMethod]
    public void The_ends_of_any_range_come_back_within_one_step()
    {
        var random = new Random(5);
        for (var i = 0; i < 10_000; i++)
        {
            var (a, b) = ((float)(random.NextDouble() - 0.5) * MathF.Pow(10, random.Next(-6, 7)), (float)(random.NextDouble() - 0.5) * MathF.Pow(10, random.Next(-6, 7)));
            var range = new ValueRange(Math.Min(a, b), Math.Max(a, b));

            var parameters = ActivationParameters.FromRange(range);

            Assert.IsTrue(parameters.ZeroPoint is >= 0 and <= 255);
            Assert.IsLessThanOrEqualTo(parameters.Scale * 1.001, Math.Abs(Math.Min(range.Minimum, 0) - ((0 - parameters.ZeroPoint) * (double)parameters.Scale)));
            Assert.IsLessThanOrEqualTo(parameters.Scale * 1.001, Math.Abs(Math.Max(range.Maximum, 0) - ((255 - parameters.ZeroPoint) * (double)parameters.Scale)));
        }
    }

    [TestMethod]
    public void Each_channel_has_the_scale_of_its_largest_magnitude()
    {
        float[] values = [1, -2, 127, 0.5f, 0.25f, -0.0625f];
        var axis = ChannelAxis.Of(TensorValues.Create("w", values, 2, 3), 0);

        var scales = WeightQuantizer.Scales(new SinglesReader(values), axis);
        var weight = Quantize(values, axis);

        CollectionAssert.AreEqual(new[] { 1f, (float)(0.5 / 127) }, scales);
        // 0.25 / (0.5 / 127) = 63.5 and rounds to the even 64; 0.0625 → 15.875.
        CollectionAssert.AreEqual(new sbyte[] { 1, -2, 127, 127, 64, -16 }, Bytes(weight));
    }

    [TestMethod]
    public void Channels_of_the_last_axis_lie_in_columns()
    {
        float[] values = [127, 1.27f, -127, 0.635f, 64, 0];
        var axis = ChannelAxis.Of(TensorValues.Create("w", values, 3, 2), 1);

        var weight = Quantize(values, axis);

        CollectionAssert.AreEqual(new sbyte[] { 127, 127, -127, 64, 64, 0 }, Bytes(weight).Select((value, i) => i == 3 ? (sbyte)64 : value).ToArray());
        Assert.AreEqual(1f, weight.Scales[0]);
        Assert.AreEqual(0.01f, weight.Scales[1], 1e-8f);
    }

    [TestMethod]
    public void A_channel_of_zeros_has_scale_one()
    {
        float[] values = [0, 0, 3, -1];
        var axis = ChannelAxis.Of(TensorValues.Create("w", values, 2, 2), 0);

        var weight = Quantize(values, axis);

        Assert.AreEqual(1f, weight.Scales[0]);
        CollectionAssert.AreEqual(new sbyte[] { 0, 0, 127, -42 }, Bytes(weight));
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(2)]
    public void The_noise_is_that_of_the_restored_weight(int axisIndex)
    {
        var values = RandomTensors.Singles(new Random(3), 5 * 6 * 7);
        var axis = ChannelAxis.Of(TensorValues.Create("w", values, 5, 6, 7), axisIndex);

        var weight = Quantize(values, axis);

        var bytes = Bytes(weight);
        var (signal, noise) = (0.0, 0.0);
        for (var i = 0; i < values.Length; i++)
        {
            var channel = i / axis.Inner % axis.Channels;
            var error = values[i] - (double)(bytes[i] * weight.Scales[channel]);
            Assert.IsLessThanOrEqualTo(0.5001 * weight.Scales[channel], Math.Abs(error));
            signal += (double)values[i] * values[i];
            noise += error * error;
        }

        Assert.AreEqual(signal, weight.Signal, signal * 1e-6);
        Assert.AreEqual(noise, weight.Noise, noise * 1e-3);
    }

    [TestMethod]
    public void A_bias_is_rounded_in_the_unit_of_the_products()
    {
        var (values, scales) = BiasQuantizer.Quantize([1f, -0.3f, 0f], [0.5f, 0.25f, 2f], 0.125f);

        CollectionAssert.AreEqual(new[] { 16, -10, 0 }, values);
        CollectionAssert.AreEqual(new[] { 0.0625f, 0.03125f, 0.25f }, scales);
    }

    [TestMethod]
    public void A_weight_scale_is_raised_until_the_bias_fits_the_accumulator()
    {
        float[] scales = [1e-12f, 0.5f];

        BiasQuantizer.RaiseScales(scales, [1000f, 1000f], 0.01f, [false, false]);
        var (values, _) = BiasQuantizer.Quantize([1000f, 1000f], scales, 0.01f);

        Assert.AreEqual(0.5f, scales[1]);
        Assert.IsTrue(scales[0] > 1e-12f && values[0] is > 1 << 29 and <= 1 << 30);
        Assert.AreEqual(1000, values[0] * (double)scales[0] * 0.01f, 1e-3);
    }

    [TestMethod]
    public void A_channel_of_zeros_keeps_the_digits_of_its_bias()
    {
        float[] weightScales = [0];
        float[] bias = [0.1234567f];

        BiasQuantizer.RaiseScales(weightScales, bias, 0.5f, [true]);
        var (values, scales) = BiasQuantizer.Quantize(bias, weightScales, 0.5f);

        Assert.AreEqual(bias[0], values[0] * (double)scales[0], 1e-8);
    }

    [TestMethod]
    [DataRow("conv*", "conv1", true)]
    [DataRow("conv?", "conv1", true)]
    [DataRow("conv?", "conv12", false)]
    [DataRow("*/attention/*", "/block.0/attention/MatMul", true)]
    [DataRow("Conv1", "conv1", false)]
    [DataRow("a\\b", "a\\b", true)]
    public void Patterns_match_whole_names_with_case(string pattern, string name, bool matches) => Assert.AreEqual(matches, NodePatterns.Match([pattern], name));

    [TestMethod]
    [DataRow("/features/conv/Conv_output_0", "Conv_output_0")]
    [DataRow("image", "image")]
    [DataRow("a_name_that_is_longer_than_the_longest_one", "longer_than_the_longest_one")]
    public void A_stem_is_the_end_of_a_name(string name, string end)
    {
        var stem = ValueNames.Stem(name);

        Assert.IsTrue(end.EndsWith(stem, StringComparison.Ordinal));
        Assert.IsLessThanOrEqualTo(24, stem.Length);
    }

    private static QuantizedWeight Quantize(float[] values, ChannelAxis axis)
    {
        var reader = new SinglesReader(values);
        return WeightQuantizer.Quantize(reader, axis, WeightQuantizer.Scales(reader, axis), length => new PayloadWriter(length));
    }

    private static sbyte[] Bytes(QuantizedWeight weight) => Array.ConvertAll(weight.Values.ToByteArray(), value => (sbyte)value);
}
