using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Evaluation;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression.Tests.Evaluation;

[TestClass]
public sealed class AccuracyResolutionTests
{
    [TestMethod]
    [DataRow(380, 0.01, true)]
    [DataRow(381, 0.01, false)]
    [DataRow(764, 0.005, true)]
    [DataRow(765, 0.005, false)]
    public void Without_a_change_the_least_number_of_samples_follows_from_the_threshold(int samples, double threshold, bool warns)
    {
        var (low, high) = PairedInterval.OfDrop(0, 0, samples);

        Assert.AreEqual(warns, AccuracyResolution.Check(new MetricReport("top1", samples, 0.98, 0.98, 0, [low, high]), threshold) is not null);
    }

    [TestMethod]
    public void A_threshold_inside_the_interval_is_not_resolved_and_one_outside_is()
    {
        var metric = new MetricReport("top1", 100, 0.98, 0.96, 0.02, [-0.01, 0.05]);

        Assert.IsNull(AccuracyResolution.Check(metric, 0.05));
        Assert.IsNotNull(AccuracyResolution.Check(metric, 0.04));
        Assert.IsNotNull(AccuracyResolution.Check(metric, 0.01));
        Assert.IsNull(AccuracyResolution.Check(metric with { Interval = [0.015, 0.05] }, 0.01));
    }

    [TestMethod]
    public void The_warning_tells_what_was_seen_and_what_to_do()
    {
        var warning = AccuracyResolution.Check(new MetricReport("top1", 100, 0.98, 0.96, 0.02, [-0.01, 0.0512345]), 0.01)!;

        Assert.AreEqual(DiagnosticCodes.ValidationSetTooSmall, warning.Code);
        Assert.AreEqual(
            "100 validation samples cannot tell whether top1 fell by more than MaxAccuracyDrop=0.01: the drop is 0.02, with a 95% interval from -0.01 to 0.05123. Add validation samples, or raise MaxAccuracyDrop.",
            warning.Message);
    }
}
