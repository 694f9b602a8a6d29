using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.Tests.Kernels;

[TestClass]
public sealed class PairedErrorsTests
{
    [TestMethod]
    public void Errors_of_a_small_case_are_those_computed_by_hand()
    {
        // 10.25 and −3 at scale 1 leave 0.25; 100 and 60 become 84 and 44; at scale 2 they are 50 and 30.
        Assert.AreEqual((0.0625, 0.25), PairedErrors.Of([10.25f], [-3], 1, 128));
        Assert.AreEqual((512, 32), PairedErrors.Of([100], [60], 1, 128));
        Assert.AreEqual((512, -32), PairedErrors.Of([-100], [-60], 1, 128));
        Assert.AreEqual((0, 0), PairedErrors.Of([100], [60], 1, 160));
        Assert.AreEqual((0, 0), PairedErrors.Of([100], [60], 2, 128));
        Assert.AreEqual((0, 0), PairedErrors.Of([], [], 1, 128));
        var (squares, sums) = (new[] { 1.0, 2.0 }, new[] { 0.5, -1.0 });
        PairedErrors.AddPerChannel([10.25f, 100], [-3, 60], [1, 1], 128, squares, sums);
        CollectionAssert.AreEqual(new[] { 1.0625, 514 }, squares);
        CollectionAssert.AreEqual(new[] { 0.75, 31 }, sums);
    }

    [TestMethod]
    public void The_error_is_that_of_the_quantized_pairs()
    {
        foreach (var length in KernelData.Lengths)
        {
            var first = KernelData.Values(length + 3, seed: length).AsSpan(3);
            var second = KernelData.Values(length + 1, seed: ~length).AsSpan(1);
            var (quantizedFirst, quantizedSecond) = (new sbyte[length], new sbyte[length]);
            const float Scale = 0.0271f;
            PairedQuantizeLinear.ToInt8(first, second, quantizedFirst, quantizedSecond, Scale, 128);
            var (squares, sum) = (0.0, 0.0);
            for (var i = 0; i < length; i++)
            {
                var (firstError, secondError) = (first[i] - ((double)Scale * quantizedFirst[i]), second[i] - ((double)Scale * quantizedSecond[i]));
                squares += (firstError * firstError) + (secondError * secondError);
                sum += firstError + secondError;
            }

            var errors = PairedErrors.Of(first, second, Scale, 128);
            Assert.AreEqual(squares, errors.Squares, squares * 1e-6, $"length {length}");
            Assert.AreEqual(sum, errors.Sum, 1e-6 * (1 + length), $"length {length}");
        }
    }

    [TestMethod]
    public void The_errors_of_channels_are_those_of_pairs_of_their_own()
    {
        foreach (var length in KernelData.Lengths.Where(length => length < 5000))
        {
            var (first, second) = (KernelData.Values(length, seed: length), KernelData.Values(length, seed: ~length));
            var scales = Enumerable.Range(1, length).Select(channel => 0.01f + (channel * 1e-4f)).ToArray();
            var (squares, sums) = (Enumerable.Repeat(0.5, length).ToArray(), Enumerable.Repeat(-0.25, length).ToArray());
            PairedErrors.AddPerChannel(first, second, scales, 128, squares, sums);
            for (var i = 0; i < length; i++)
            {
                var (square, sum) = PairedErrors.Of(first.AsSpan(i, 1), second.AsSpan(i, 1), scales[i], 128);
                Assert.AreEqual(0.5 + square, squares[i], 1e-12, $"at {i} of {length}");
                Assert.AreEqual(-0.25 + sum, sums[i], 1e-12, $"at {i} of {length}");
            }
        }
    }

    [TestMethod]
    public void Spans_of_different_lengths_are_refused()
    {
        Assert.ThrowsExactly<ArgumentException>(() => PairedErrors.Of(new float[8], new float[9], 1, 128));
        Assert.ThrowsExactly<ArgumentException>(() => PairedErrors.AddPerChannel(new float[8], new float[9], new float[8], 128, new double[8], new double[8]));
        Assert.ThrowsExactly<ArgumentException>(() => PairedErrors.AddPerChannel(new float[8], new float[8], new float[9], 128, new double[8], new double[8]));
        Assert.ThrowsExactly<ArgumentException>(() => PairedErrors.AddPerChannel(new float[8], new float[8], new float[8], 128, new double[9], new double[8]));
        Assert.ThrowsExactly<ArgumentException>(() => PairedErrors.AddPerChannel(new float[8], new float[8], new float[8], 128, new double[8], new double[9]));
    }
}
