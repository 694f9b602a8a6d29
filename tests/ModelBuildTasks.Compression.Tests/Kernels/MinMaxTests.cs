using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.Tests.Kernels;

[TestClass]
public sealed class MinMaxTests
{
    [TestMethod]
    public void The_range_of_values_of_any_length_and_offset_is_that_of_a_plain_loop()
    {
        foreach (var length in KernelData.Lengths)
        {
            var offset = length % 5;
            var values = KernelData.Values(offset + length, seed: length).AsSpan(offset);
            var (minimum, maximum) = (length > 0 ? values[0] : 0, length > 0 ? values[0] : 0);
            foreach (var value in values)
            {
                minimum = Math.Min(minimum, value);
                maximum = Math.Max(maximum, value);
            }

            Assert.AreEqual((minimum, maximum, true), MinMax.Of(values), $"length {length}");
        }
    }

    [TestMethod]
    public void An_extreme_is_found_wherever_it_is()
    {
        for (var length = 1; length <= 70; length++)
        {
            for (var place = 0; place < length; place++)
            {
                var values = new float[length];
                values[place] = -3;
                Assert.AreEqual((-3f, length > 1 ? 0f : -3f, true), MinMax.Of(values));
                values[place] = 3;
                Assert.AreEqual((length > 1 ? 0f : 3f, 3f, true), MinMax.Of(values));
            }
        }
    }

    [TestMethod]
    [DataRow(float.NaN)]
    [DataRow(float.PositiveInfinity)]
    [DataRow(float.NegativeInfinity)]
    public void A_value_that_is_not_finite_is_found_wherever_it_is(float special)
    {
        for (var length = 1; length <= 70; length++)
        {
            for (var place = 0; place < length; place++)
            {
                var values = KernelData.Values(length, seed: length);
                values[place] = special;
                Assert.AreEqual((float.NaN, float.NaN, false), MinMax.Of(values));
            }
        }
    }

    [TestMethod]
    public void The_largest_and_smallest_finite_numbers_are_finite()
    {
        Assert.AreEqual((float.MinValue, float.MaxValue, true), MinMax.Of([float.MaxValue, float.Epsilon, float.MinValue]));
        Assert.AreEqual((-float.Epsilon, float.Epsilon, true), MinMax.Of([-float.Epsilon, float.Epsilon]));
    }

    [TestMethod]
    public void A_zero_is_positive_whatever_the_order_of_zeros()
    {
        for (var length = 1; length <= 70; length++)
        {
            for (var place = 0; place < length; place++)
            {
                var values = new float[length];
                values.AsSpan(place).Fill(-0f);
                var (minimum, maximum, _) = MinMax.Of(values);
                Assert.IsFalse(float.IsNegative(minimum) || float.IsNegative(maximum));
            }
        }
    }

    [TestMethod]
    public void No_values_have_the_range_zero_to_zero() => Assert.AreEqual((0f, 0f, true), MinMax.Of([]));
}
