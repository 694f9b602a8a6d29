using ModelBuildTasks.Compression.Evaluation;

namespace ModelBuildTasks.Compression.Tests.Evaluation;

[TestClass]
public sealed class PairedIntervalTests
{
    private const double Z = 1.959963984540054;

    [TestMethod]
    [DataRow(10)]
    [DataRow(381)]
    [DataRow(2000)]
    public void Without_a_change_the_half_width_is_known_in_closed_form(int samples)
    {
        var (low, high) = PairedInterval.OfDrop(0, 0, samples);

        Assert.AreEqual(Z * Z / (samples + (Z * Z)), high, 1e-12);
        Assert.AreEqual(-high, low, 1e-15);
    }

    [TestMethod]
    public void Each_bound_is_where_the_score_test_just_refuses()
    {
        var random = new Random(11);
        for (var run = 0; run < 100; run++)
        {
            var samples = random.Next(20, 500);
            var lost = random.Next(1, samples / 4);
            var gained = random.Next(1, samples / 4);

            var (low, high) = PairedInterval.OfDrop(lost, gained, samples);

            Assert.AreEqual(-Z, ScoreByLikelihood(lost, gained, samples, high), 1e-4, $"{lost} lost, {gained} gained of {samples}");
            Assert.AreEqual(Z, ScoreByLikelihood(lost, gained, samples, low), 1e-4, $"{lost} lost, {gained} gained of {samples}");
        }
    }

    [TestMethod]
    public void Many_changes_give_nearly_the_wald_interval()
    {
        // Ratings of a prime minister in two surveys of the same 1600 people (Agresti, Categorical Data Analysis, matched pairs): 150 approved in the first only, 86 in the second only.
        var (low, high) = PairedInterval.OfDrop(150, 86, 1600);

        Assert.AreEqual(0.021, low, 0.001);
        Assert.AreEqual(0.059, high, 0.001);
    }

    [TestMethod]
    public void Exchanging_the_models_mirrors_the_interval()
    {
        var (low, high) = PairedInterval.OfDrop(7, 2, 300);
        var (mirroredLow, mirroredHigh) = PairedInterval.OfDrop(2, 7, 300);

        Assert.AreEqual(-high, mirroredLow, 1e-12);
        Assert.AreEqual(-low, mirroredHigh, 1e-12);
    }

    [TestMethod]
    public void The_interval_holds_the_drop_and_stays_a_difference_of_shares()
    {
        foreach (var samples in new[] { 1, 2, 5, 40 })
        {
            for (var lost = 0; lost <= samples; lost++)
            {
                for (var gained = 0; gained <= samples - lost; gained++)
                {
                    var (low, high) = PairedInterval.OfDrop(lost, gained, samples);
                    var drop = (double)(lost - gained) / samples;
                    Assert.IsTrue(-1 <= low && low <= drop && drop <= high && high <= 1, $"{lost} lost, {gained} gained of {samples}: {low} to {high}");
                }
            }
        }
    }

    [TestMethod]
    public void The_interval_of_a_share_is_that_of_wilson()
    {
        // 1 of 10: (0.1 + z²/20 ± z·√(0.009 + z²/400)) / (1 + z²/10).
        var (low, high) = PairedInterval.OfShare(1, 10);

        Assert.AreEqual(0.017876, low, 1e-6);
        Assert.AreEqual(0.404150, high, 1e-6);
        Assert.AreEqual(0.0, PairedInterval.OfShare(0, 10).Low);
        Assert.AreEqual(Z * Z / (10 + (Z * Z)), PairedInterval.OfShare(0, 10).High, 1e-12);
        Assert.AreEqual(1.0, PairedInterval.OfShare(10, 10).High);
    }

    [TestMethod]
    public void The_interval_of_a_mean_is_its_standard_error()
    {
        // 0.1 and 0.3: mean 0.2, variance 0.02, standard error 0.1.
        var (low, high) = PairedInterval.OfMean(0.4, 0.1, 2);

        Assert.AreEqual(0.2 - (Z * 0.1), low, 1e-12);
        Assert.AreEqual(0.2 + (Z * 0.1), high, 1e-12);
    }

    [TestMethod]
    public void One_value_tells_no_spread() => Assert.AreEqual((0.0, 2.0), PairedInterval.OfMean(0.1, 0.01, 1));

    /// <summary>The score statistic with the nuisance share found by searching the greatest likelihood, not by the quadratic of the paper.</summary>
    private static double ScoreByLikelihood(int lost, int gained, int samples, double difference)
    {
        double low = Math.Max(0, -difference), high = (1 - difference) / 2;
        for (var i = 0; i < 200; i++)
        {
            var (left, right) = (low + ((high - low) / 3), high - ((high - low) / 3));
            (low, high) = LogLikelihood(left) < LogLikelihood(right) ? (left, high) : (low, right);
        }

        return (lost - gained - (samples * difference)) / Math.Sqrt(samples * ((2 * low) + difference - (difference * difference)));

        double LogLikelihood(double share) => (lost * Math.Log(share + difference)) + (gained * Math.Log(share)) + ((samples - lost - gained) * Math.Log(1 - (2 * share) - difference));
    }
}
