using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.Tests.Kernels;

[TestClass]
public sealed class RoundingErrorsTests
{
    [TestMethod]
    public void Errors_of_a_small_case_are_those_computed_by_hand()
    {
        // 10.25 leaves 0.25; −9 saturates at −7 and leaves 2; at scale 2 they are 5 and −4 (or −5), and leave 0.25 and 1.
        Assert.AreEqual(0.0625, RoundingErrors.Of([10.25f], 1, 127));
        Assert.AreEqual(4, RoundingErrors.Of([-9], 1, 7));
        Assert.AreEqual(1.0625, RoundingErrors.Of([10.25f, -9], 2, 7));
        Assert.AreEqual(0, RoundingErrors.Of([], 1, 7));
        var squares = new[] { 1.0, 2.0 };
        RoundingErrors.AddPerChannel([10.25f, -9], [1, 0.5f], 7, squares);
        CollectionAssert.AreEqual(new[] { 1 + (3.25 * 3.25), 2 + (5.5 * 5.5) }, squares);
    }

    [TestMethod]
    public void The_error_is_that_of_the_quantized_values()
    {
        foreach (var length in KernelData.Lengths)
        {
            var values = KernelData.Values(length + 3, seed: length).AsSpan(3);
            var quantized = new sbyte[length];
            const float Scale = 0.0271f;
            QuantizeLinear.ToInt8(values, quantized, Scale, 0, -100, 100);
            var squares = 0.0;
            for (var i = 0; i < length; i++)
            {
                squares += Math.Pow(values[i] - ((double)Scale * quantized[i]), 2);
            }

            Assert.AreEqual(squares, RoundingErrors.Of(values, Scale, 100), squares * 1e-6, $"length {length}");
        }
    }

    [TestMethod]
    public void The_errors_of_channels_are_those_of_values_of_their_own()
    {
        foreach (var length in KernelData.Lengths.Where(length => length < 5000))
        {
            var values = KernelData.Values(length, seed: length);
            var scales = Enumerable.Range(1, length).Select(channel => 0.01f + (channel * 1e-4f)).ToArray();
            var squares = Enumerable.Repeat(0.5, length).ToArray();
            RoundingErrors.AddPerChannel(values, scales, 7, squares);
            for (var i = 0; i < length; i++)
            {
                Assert.AreEqual(0.5 + RoundingErrors.Of(values.AsSpan(i, 1), scales[i], 7), squares[i], 1e-12, $"at {i} of {length}");
            }
        }
    }

    [TestMethod]
    public void Spans_of_different_lengths_are_refused()
    {
        Assert.ThrowsExactly<ArgumentException>(() => RoundingErrors.AddPerChannel(new float[8], new float[9], 127, new double[8]));
        Assert.ThrowsExactly<ArgumentException>(() => RoundingErrors.AddPerChannel(new float[8], new float[8], 127, new double[9]));
    }
}
