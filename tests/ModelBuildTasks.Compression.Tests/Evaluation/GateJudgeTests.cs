using ModelBuildTasks.Compression.Evaluation;
using ModelBuildTasks.Compression.Reporting;
using ModelBuildTasks.Compression.Tests.Reporting;

namespace ModelBuildTasks.Compression.Tests.Evaluation;

[TestClass]
public sealed class GateJudgeTests
{
    private static readonly CompressionReport WithoutData = Reports.Digits with { Metric = null, SqnrDb = null, Latency = null };

    [TestMethod]
    public void Only_the_accuracy_gate_exists_where_nothing_is_set()
        => CollectionAssert.AreEqual(new[] { new GateReport("MaxAccuracyDrop", 0.01, 0.0005, true) }, Judge(Reports.Digits, new GateLimits()));

    [TestMethod]
    [DataRow(0.005, true)]
    [DataRow(0.0049, false)]
    [DataRow(1.0, true)]
    public void A_drop_at_its_limit_passes_and_one_above_fails(double limit, bool passed)
    {
        // 0.980 − 0.975 is 0.0050000000000000044 in binary; the drop is told as 10 of 2000, which is the limit's own number.
        var report = Reports.Digits with { Metric = new MetricReport("top1", 2000, 0.98, 0.975, 10.0 / 2000, [0.002, 0.008]) };

        Assert.AreEqual(passed, Judge(report, new GateLimits { MaxAccuracyDrop = limit })[0].Passed);
    }

    [TestMethod]
    public void A_model_that_became_better_passes_even_a_limit_of_zero()
    {
        var report = Reports.Digits with { Metric = new MetricReport("top1", 2000, 0.975, 0.98, -0.005, [-0.008, -0.002]) };

        Assert.IsTrue(Judge(report, new GateLimits { MaxAccuracyDrop = 0 })[0].Passed);
    }

    [TestMethod]
    [DataRow(38.25, true)]
    [DataRow(38.26, false)]
    public void The_sqnr_must_reach_its_limit(double limit, bool passed)
        => Assert.AreEqual(new GateReport("MinSqnr", limit, 38.25, passed), Judge(Reports.Digits, new GateLimits { MinSqnr = limit })[1]);

    [TestMethod]
    [DataRow("214KB", 214_000, true)]
    [DataRow("213999", 213_999, false)]
    [DataRow("13%", 215_800, true)]
    [DataRow("12%", 199_200, false)]
    public void The_size_is_judged_in_bytes(string limit, double bytes, bool passed)
        => Assert.AreEqual(new GateReport("MaxSize", bytes, 214_000, passed), Judge(Reports.Digits, new GateLimits { MaxSize = SizeLimit.Parse(limit) })[1]);

    [TestMethod]
    public void The_size_is_that_of_what_the_application_carries()
        => Assert.AreEqual(new GateReport("MaxSize", 200_000, 130_000, true), Judge(Reports.Digits with { PackedBytes = 130_000 }, new GateLimits { MaxSize = SizeLimit.Parse("200KB") })[1]);

    [TestMethod]
    [DataRow(0.5, true)]
    [DataRow(0.25, false)]
    public void The_latency_ratio_must_not_exceed_its_limit(double limit, bool passed)
    {
        var report = Reports.Digits with { Latency = new LatencyReport(1, 0.5, 0.5) };

        Assert.AreEqual(new GateReport("MaxLatencyRatio", limit, 0.5, passed), Judge(report, new GateLimits { MaxLatencyRatio = limit })[1]);
    }

    [TestMethod]
    public void Without_data_the_accuracy_gate_passes_without_a_value()
        => Assert.AreEqual(new GateReport("MaxAccuracyDrop", 0.01, null, true), Judge(WithoutData, new GateLimits())[0]);

    [TestMethod]
    public void Without_data_a_gate_that_was_set_fails_without_a_value()
    {
        var gates = Judge(WithoutData, new GateLimits { MinSqnr = 30, MaxLatencyRatio = 1 });

        Assert.AreEqual(new GateReport("MinSqnr", 30, null, false), gates[1]);
        Assert.AreEqual(new GateReport("MaxLatencyRatio", 1, null, false), gates[2]);
    }

    [TestMethod]
    public void The_order_of_the_gates_is_stable()
    {
        var gates = Judge(Reports.Digits, new GateLimits { MaxLatencyRatio = 1, MaxSize = SizeLimit.Parse("1"), MinSqnr = 1 });

        CollectionAssert.AreEqual(new[] { "MaxAccuracyDrop", "MinSqnr", "MaxSize", "MaxLatencyRatio" }, gates.Select(gate => gate.Name).ToArray());
    }

    private static GateReport[] Judge(CompressionReport report, GateLimits limits) => [.. GateJudge.Judge(report, limits)];
}
