using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.Tests.Calibration;

[TestClass]
public sealed class CalibrationMethodTests
{
    private static IEnumerable<CalibrationMethod> Clipping => [CalibrationMethod.Percentile, CalibrationMethod.Entropy, CalibrationMethod.Mse];

    [TestMethod]
    public void Min_max_and_auto_without_a_gain_are_the_observed_range()
    {
        float[] even = [.. Enumerable.Range(400, 601).Select(i => i / 100f)];

        Assert.AreEqual(new ValueRange(4, 10), Range(CalibrationMethod.MinMax, even));
        Assert.AreEqual(new ValueRange(4, 10), Range(CalibrationMethod.Auto, even));
    }

    [TestMethod]
    public void The_percentile_clips_one_of_ten_thousand_values_above_and_none_below_a_range_that_starts_at_zero()
    {
        // 20,000 values 0.0005 … 10: the uppermost two are 1e-4 of them.
        float[] values = [.. Enumerable.Range(1, 19_998).Select(i => i / 2000f), 500, 1000];

        var range = Range(CalibrationMethod.Percentile, values);

        Assert.AreEqual(0f, range.Minimum);
        Assert.AreEqual(10f, range.Maximum, delta: 1);
    }

    [TestMethod]
    public void The_percentile_clips_half_as_much_on_each_of_two_sides()
    {
        // 40,000 values: two are clipped on each side.
        float[] values = [-1000, .. Enumerable.Range(-19_999, 39_998).Select(i => (i + 0.5f) / 4000), 1000];

        var range = Range(CalibrationMethod.Percentile, values);

        Assert.AreEqual(-5f, range.Minimum, delta: 1);
        Assert.AreEqual(5f, range.Maximum, delta: 1);
    }

    [TestMethod]
    public void Zeros_do_not_narrow_the_percentile_of_a_sparse_activation()
    {
        float[] sparse = [.. new float[1_000_000], .. Enumerable.Range(1, 50).Select(i => i / 10f)];

        Assert.AreEqual(5f, Range(CalibrationMethod.Percentile, sparse).Maximum, delta: 0.01f);
    }

    [TestMethod]
    public void The_error_of_a_histogram_is_the_error_of_its_values()
    {
        var values = Laplace(new Random(5), 200_000, relu: false);
        var histogram = StreamedHistogramTests.Of(values);
        foreach (var (minimum, maximum) in new[] { (-12.0, 12.0), (-3.0, 5.0), (-0.5, 1.0), (0.0, 4.0), (-20.0, 0.0) })
        {
            var expected = PlainError(values, minimum, maximum);

            Assert.AreEqual(1, new QuantizationError(histogram).SumOfSquares(minimum, maximum) / expected, 0.01, $"{minimum} … {maximum}");
        }
    }

    [TestMethod]
    public void Zeros_cost_nothing()
    {
        float[] values = [0, 0, 0, 1];

        Assert.AreEqual(
            new QuantizationError(StreamedHistogramTests.Of([1])).SumOfSquares(0, 1),
            new QuantizationError(StreamedHistogramTests.Of(values)).SumOfSquares(0, 1));
    }

    [TestMethod]
    public void One_outlier_of_many_values_is_clipped_and_an_even_spread_is_not()
    {
        // Clipping 100 to c costs (100 − c)²; rounding over [0, c] costs 100,000 · (c/255)² / 12: the sum is least at c = 100 / (1 + 0.128) = 88.6.
        float[] outlier = [.. Enumerable.Range(1, 100_000).Select(i => i / 10_000f), 100];
        Assert.AreEqual(88.6f, Range(CalibrationMethod.Mse, outlier).Maximum, delta: 2f);

        float[] even = [.. Enumerable.Range(1, 10_000).Select(i => i / 1000f)];
        Assert.AreEqual(10f, Range(CalibrationMethod.Mse, even).Maximum, delta: 0.1f);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    public void Every_method_holds_zero_and_stays_within_what_was_observed(int seed)
    {
        var random = new Random(seed);
        foreach (var relu in new[] { false, true })
        {
            foreach (var scale in new[] { 1e-30f, 1e-3f, 1f, 1e20f })
            {
                float[] values = [.. Laplace(random, 20_000, relu).Select(value => (value + (relu ? 0 : random.Next(-1, 2))) * scale)];
                var (minimum, maximum, _) = MinMax.Of(values);
                foreach (var method in Clipping)
                {
                    var range = Range(method, values);

                    Assert.IsLessThanOrEqualTo(0f, range.Minimum);
                    Assert.IsGreaterThanOrEqualTo(0f, range.Maximum);
                    Assert.IsGreaterThan(range.Minimum, range.Maximum);
                    Assert.IsGreaterThanOrEqualTo(Math.Min(minimum, 0), range.Minimum);
                    Assert.IsLessThanOrEqualTo(Math.Max(maximum, 0), range.Maximum);
                    Assert.IsTrue(!relu || range.Minimum == 0);
                }
            }
        }
    }

    [TestMethod]
    public void The_least_squared_error_is_below_that_of_every_other_method()
    {
        foreach (var relu in new[] { false, true })
        {
            var values = Laplace(new Random(3), 100_000, relu);
            var (minimum, maximum, _) = MinMax.Of(values);
            var least = Error(values, Range(CalibrationMethod.Mse, values));

            Assert.IsLessThan(PlainError(values, minimum, maximum), least);
            Assert.IsLessThanOrEqualTo(Error(values, Range(CalibrationMethod.Percentile, values)), least);
            Assert.IsLessThanOrEqualTo(Error(values, Range(CalibrationMethod.Entropy, values)), least);
        }
    }

    [TestMethod]
    public void Entropy_clips_a_long_tail()
    {
        foreach (var relu in new[] { false, true })
        {
            var values = LongTailed(new Random(9), relu);
            var observed = Range(CalibrationMethod.MinMax, values);

            var range = Range(CalibrationMethod.Entropy, values);

            Assert.IsLessThan(0.9f * observed.Maximum, range.Maximum);
            Assert.IsGreaterThan(2f, range.Maximum);
            Assert.IsTrue(relu ? range.Minimum == 0 : range.Minimum > 0.9f * observed.Minimum);
        }
    }

    [TestMethod]
    public void Entropy_never_costs_more_squared_error_than_clipping_nothing()
    {
        foreach (var relu in new[] { false, true })
        {
            var values = LongTailed(new Random(11), relu);
            var (minimum, maximum, _) = MinMax.Of(values);

            Assert.IsLessThanOrEqualTo(1.01 * PlainError(values, minimum, maximum), Error(values, Range(CalibrationMethod.Entropy, values)));
        }
    }

    [TestMethod]
    public void A_value_that_is_often_the_same_does_not_narrow_entropy()
    {
        // Alone, the even spread is not clipped; with half of all values 3.3, merging bins would look like losing that half.
        float[] background = [.. Enumerable.Range(1, 100_000).Select(i => i / 10_000f), .. Enumerable.Repeat(3.3f, 100_000)];

        Assert.IsGreaterThan(9.5f, Range(CalibrationMethod.Entropy, background).Maximum);
    }

    [TestMethod]
    public void Entropy_keeps_an_even_spread()
    {
        float[] even = [.. Enumerable.Range(1, 100_000).Select(i => i / 10_000f)];

        Assert.IsGreaterThan(9.5f, Range(CalibrationMethod.Entropy, even).Maximum);
    }

    [TestMethod]
    public void Auto_clips_where_that_gains_and_as_little_as_half_a_decibel_allows()
    {
        // As above with ten times as many values: the error is (100 − c)² + 1.28 c², 5615 at its least (c = 43.8) and 12,800 over [0, 100]. 0.5 dB more than the least are 6300: c = 61.2.
        float[] values = [.. Enumerable.Range(1, 1_000_000).Select(i => i / 100_000f), 100];

        Assert.AreEqual(43.8f, Range(CalibrationMethod.Mse, values).Maximum, delta: 2f);
        Assert.AreEqual(61.2f, Range(CalibrationMethod.Auto, values).Maximum, delta: 2f);
    }

    [TestMethod]
    [DataRow(0f)]
    [DataRow(3e38f)]
    public void What_no_histogram_can_tell_keeps_its_observed_range(float size)
    {
        foreach (var method in Clipping)
        {
            Assert.AreEqual(new ValueRange(-size + 0f, size), Range(method, [-size, size]));
        }
    }

    [TestMethod]
    public void A_method_that_meets_a_value_that_is_not_finite_gives_no_range()
    {
        foreach (var method in Clipping)
        {
            var observation = new RangeObservation(method);
            observation.Include([1, 2]);
            observation.Include([float.NegativeInfinity, 2]);
            observation.Include([3]);

            Assert.IsNull(observation.Range);
        }
    }

    private static ValueRange Range(CalibrationMethod method, float[] values)
    {
        var observation = new RangeObservation(method);
        foreach (var sample in values.Chunk(7000))
        {
            observation.Include(sample);
        }

        return observation.Range!.Value;
    }

    /// <summary>A density of exp(−|x|) / 2.</summary>
    private static float[] Laplace(Random random, int count, bool relu) => [.. Enumerable.Range(0, count).Select(_ =>
    {
        var value = (float)(-Math.Log(1 - random.NextDouble()) * (random.Next(2) == 0 ? -1 : 1));
        return relu ? Math.Max(value, 0) : value;
    })];

    /// <summary>200,000 values of exp(−|x|) / 2, every ten-thousandth of them 30 to 90.</summary>
    private static float[] LongTailed(Random random, bool relu) =>
        [.. Laplace(random, 200_000, relu).Select((value, i) => i % 10_000 == 0 ? (30 + (i / 3333f)) * (relu || i % 20_000 == 0 ? 1 : -1) : value)];

    private static double Error(float[] values, ValueRange range) => PlainError(values, range.Minimum, range.Maximum);

    private static double PlainError(float[] values, double minimum, double maximum)
    {
        var scale = (maximum - minimum) / 255;
        var zeroPoint = Math.Round(-minimum / scale);
        return values.Sum(value => Math.Pow(value - ((Math.Clamp(Math.Round(value / scale) + zeroPoint, 0, 255) - zeroPoint) * scale), 2));
    }
}
