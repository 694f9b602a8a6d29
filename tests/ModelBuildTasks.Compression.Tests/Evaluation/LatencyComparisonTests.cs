using ModelBuildTasks.Compression.Evaluation;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression.Tests.Evaluation;

[TestClass]
public sealed class LatencyComparisonTests
{
    private readonly ManualClock clock = new();
    private readonly List<char> runs = [];

    [TestMethod]
    public void Medians_and_their_ratio_are_reported()
    {
        var report = Measure(original: 8, compressed: 2);

        Assert.AreEqual(8.0, report.OriginalMs);
        Assert.AreEqual(2.0, report.CompressedMs);
        Assert.AreEqual(0.25, report.Ratio);
    }

    [TestMethod]
    public void A_few_slow_runs_do_not_move_the_medians()
    {
        var report = LatencyComparison.Measure(() => Run('o', runs.Count % 7 == 0 ? 90 : 8), () => Run('c', runs.Count % 11 == 0 ? 50 : 2), clock, CancellationToken.None);

        Assert.AreEqual(8.0, report.OriginalMs);
        Assert.AreEqual(2.0, report.CompressedMs);
    }

    [TestMethod]
    public void Each_model_goes_first_in_every_other_pair()
    {
        Measure(original: 300, compressed: 100);

        // One pair warms up, five are measured.
        Assert.AreEqual("oc" + "oc" + "co" + "oc" + "co" + "oc", string.Concat(runs));
    }

    [TestMethod]
    public void Measuring_ends_with_its_budget()
    {
        Measure(original: 8, compressed: 2);

        // 100 ms of warm-up and a second of pairs of 10 ms.
        Assert.HasCount(2 * (10 + 100), runs);
    }

    [TestMethod]
    public void Slow_models_are_measured_five_times()
    {
        Measure(original: 60_000, compressed: 30_000);

        Assert.HasCount(2 * (1 + LatencyComparison.LeastPairs), runs);
    }

    [TestMethod]
    public void The_number_of_pairs_is_bounded_and_the_ratio_stays_a_number()
    {
        var warmUps = 0;
        var report = LatencyComparison.Measure(
            () =>
            {
                // Warming up takes time; from then on the clock stands still.
                if (warmUps++ == 0)
                {
                    Run('o', 100);
                }
            },
            () => runs.Add('c'),
            clock,
            CancellationToken.None);

        Assert.HasCount(1 + 1 + LatencyComparison.MostPairs, runs);
        Assert.AreEqual(1.0, report.Ratio);
    }

    [TestMethod]
    public void A_cancelled_measurement_stops()
    {
        using var cancellation = new CancellationTokenSource();

        Assert.ThrowsExactly<OperationCanceledException>(() => LatencyComparison.Measure(() => Run('o', 1), () => { Run('c', 1); if (runs.Count == 298) { cancellation.Cancel(); } }, clock, cancellation.Token));
        Assert.HasCount(298, runs);
    }

    [TestMethod]
    public void Real_models_take_time()
    {
        using var pair = ModelPair.Scaled(1, 1, 1);
        var sample = new InMemorySamples([[1, 2, 3]]).Read([0]).Single();

        var report = LatencyComparison.Measure(pair.Original, pair.Compressed, sample, [], CancellationToken.None);

        Assert.IsGreaterThan(0, report.OriginalMs);
        Assert.IsGreaterThan(0, report.CompressedMs);
        Assert.AreEqual(report.CompressedMs / report.OriginalMs, report.Ratio);
    }

    private LatencyReport Measure(int original, int compressed) => LatencyComparison.Measure(() => Run('o', original), () => Run('c', compressed), clock, CancellationToken.None);

    private void Run(char model, int milliseconds)
    {
        runs.Add(model);
        clock.Milliseconds += milliseconds;
    }

    private sealed class ManualClock : TimeProvider
    {
        public long Milliseconds { get; set; }

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => Milliseconds;
    }
}
