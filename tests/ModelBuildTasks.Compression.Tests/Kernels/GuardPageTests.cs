using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.Tests.Kernels;

[TestClass]
public sealed class GuardPageTests
{
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void No_kernel_touches_a_byte_beyond_its_spans(bool guardAfter)
    {
        foreach (var length in KernelData.Lengths.Where(length => length <= 5000))
        {
            using var singles = new GuardedMemory(length * sizeof(float), guardAfter);
            using var approximation = new GuardedMemory(length * sizeof(float), guardAfter);
            using var bytes = new GuardedMemory(length, guardAfter);
            var values = singles.Span<float>();
            var other = approximation.Span<float>();
            var quantized = bytes.Span<sbyte>();
            var plain = KernelData.Values(length, seed: length);
            plain.CopyTo(values);

            Assert.AreEqual(MinMax.Of(plain), MinMax.Of(values));
            Assert.AreEqual(AbsoluteMaximum.Of(plain), AbsoluteMaximum.Of(values));
            Assert.AreEqual(ZeroCount.Of(plain), ZeroCount.Of(values));
            QuantizeLinear.ToInt8(values, quantized, 0.03f, 3, -128, 127);
            DequantizeLinear.FromInt8(quantized, other, 0.03f, 3);
            Assert.AreEqual(ErrorEnergy.Accumulate(plain, other.ToArray()), ErrorEnergy.Accumulate(values, other));
            Assert.AreEqual(DotProducts.Of(plain, other.ToArray()), DotProducts.Of(values, other));
            QuantizeLinear.ToUInt8(values, bytes.Span<byte>(), 0.03f, 128, 0, 255);

            // The spans of channels end at the same page.
            AbsoluteMaximum.PerChannel(values, 1, length, 1, other);
            QuantizeLinear.PerChannel(values, quantized, 1, length, 1, Enumerable.Repeat(0.1f, length).ToArray());
            AbsoluteMaximum.PerChannel(values, 1, 1, length, new float[1]);
            QuantizeLinear.PerChannel(values, quantized, 1, 1, length, [0.1f]);

            using var moreBytes = new GuardedMemory(length, guardAfter);
            DequantizeLinear.FromInt8(quantized, other, 0.03f, 3);
            PairedQuantizeLinear.ToInt8(values, other, quantized, moreBytes.Span<sbyte>(), 0.02f, 128);
            Assert.AreEqual(PairedErrors.Of(plain, other.ToArray(), 0.02f, 128), PairedErrors.Of(values, other, 0.02f, 128));
            using var scales = new GuardedMemory(length * sizeof(float), guardAfter);
            scales.Span<float>().Fill(0.02f);
            PairedQuantizeLinear.PerChannel(values, other, quantized, moreBytes.Span<sbyte>(), scales.Span<float>(), 128);
            using var squares = new GuardedMemory(length * sizeof(double), guardAfter);
            using var sums = new GuardedMemory(length * sizeof(double), guardAfter);
            PairedErrors.AddPerChannel(values, other, scales.Span<float>(), 128, squares.Span<double>(), sums.Span<double>());

            Assert.AreEqual(RoundingErrors.Of(plain, 0.02f, 7), RoundingErrors.Of(values, 0.02f, 7));
            RoundingErrors.AddPerChannel(values, scales.Span<float>(), 7, squares.Span<double>());
            ChannelSums.Add(values, 1, length, 1, sums.Span<double>());
            ChannelSums.Add(values, 1, 1, length, new double[1]);

            using var doubles = new GuardedMemory(length * sizeof(double), guardAfter);
            var positions = doubles.Span<double>();
            System.Numerics.Tensors.TensorPrimitives.ConvertChecked<float, double>(plain, positions);
            Assert.AreEqual(LevelErrors.WeightedIntegrals(positions.ToArray(), positions.ToArray(), 3, -7, 8), LevelErrors.WeightedIntegrals(positions, positions, 3, -7, 8));

            ColumnExtremes.Of(values, scales.Span<float>(), other);
            scales.Span<float>().Fill(0.3f);
            BlockLevels.Of(values, scales.Span<float>(), other, bytes.Span<byte>());
            BlockErrors.Of(values, values, scales.Span<float>(), scales.Span<float>(), other);
            BlockFits.Of(values, values, scales.Span<float>(), scales.Span<float>(), other);
            BlockImportance.Of(values, length, other);
            PackNibbles.Of(bytes.Span<byte>(), bytes.Span<byte>(), moreBytes.Span<byte>());

            KMeansAssignment.Assign(values, [-1, 0, 1.5f], bytes.Span<byte>());
            KMeansAssignment.Assign(values, Enumerable.Range(0, 40).Select(index => index - 20f).ToArray(), bytes.Span<byte>());
            KMeansAssignment.Accumulate(values, other, [-1, 0, 1.5f], new double[3], new double[3]);
            var threshold = MagnitudeSelection.Of(plain, length / 2);
            Assert.AreEqual(threshold, MagnitudeSelection.Of(values, length / 2));
            var ties = threshold.Ties;
            plain.CopyTo(other);
            Assert.AreEqual(length / 2, MagnitudeMask.ZeroBelow(other, values, threshold, ref ties));
            PatternMask.Apply(other, values, 2, 4);

            using var bins = new GuardedMemory(16 * sizeof(long), guardAfter);
            Histogram.Add(values, -4, 4, bins.Span<long>());
            Assert.AreEqual(length, bins.Span<long>().ToArray().Sum());
        }
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void No_kernel_of_matrices_touches_a_byte_beyond_its_spans(bool guardAfter)
    {
        foreach (var size in MatrixData.Sizes)
        {
            foreach (var other in new[] { 1, 5, size })
            {
                using var rowMemory = new GuardedMemory(other * size * sizeof(float), guardAfter);
                using var leftMemory = new GuardedMemory(other * size * sizeof(double), guardAfter);
                using var sumMemory = new GuardedMemory(size * size * sizeof(double), guardAfter);
                using var turnedMemory = new GuardedMemory(other * size * sizeof(double), guardAfter);
                KernelData.Values(other * size, seed: size).CopyTo(rowMemory.Span<float>());
                MatrixData.PositiveDefinite(size, seed: size).CopyTo(sumMemory.Span<double>());
                MatrixData.Doubles(other * size, seed: size).CopyTo(leftMemory.Span<double>());
                var left = new MatrixPart<double>(leftMemory.Span<double>(), other, size);
                var sums = new MatrixPart<double>(sumMemory.Span<double>(), size, size);

                SymmetricRankUpdate.Add(rowMemory.Span<float>(), other, size, sumMemory.Span<double>());
                Assert.IsTrue(CholeskyFactor.InPlace(sumMemory.Span<double>(), size));
                TransposedProduct.Add<double>(left, left, sums);
                TransposedProduct.SubtractLower<double>(left, sums, threads: 1);
                Transposition.Of(left, new MatrixPart<double>(turnedMemory.Span<double>(), size, other));
                Assert.AreEqual(other * size == 0 ? 0 : leftMemory.Span<double>()[^1], other * size == 0 ? 0 : turnedMemory.Span<double>()[^1]);
            }
        }
    }
}
