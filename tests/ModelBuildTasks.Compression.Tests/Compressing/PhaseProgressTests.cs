using System.Globalization;
using ModelBuildTasks.Compression.Passes;

namespace ModelBuildTasks.Compression.Tests.Compressing;

/// <summary>What a phase reports reaches who listens to the compression.</summary>
[TestClass]
public sealed class PhaseProgressTests
{
    [TestMethod]
    public void A_fraction_with_what_was_done_is_told_as_it_is()
    {
        var log = new Log();

        new PhaseClock(log).Run("round", progress => Report(progress, new(0.5, "1/2 conv1")));

        CollectionAssert.AreEqual(new CompressionProgress[] { new("round", 0), new("round", 0.5, "1/2 conv1"), new("round", 1) }, log.Told);
    }

    [TestMethod]
    public void A_fraction_alone_has_no_detail()
    {
        var log = new Log();

        new PhaseClock(log).Run("calibrate", progress =>
        {
            progress.Report(0.25);
            return 7;
        });

        CollectionAssert.AreEqual(new CompressionProgress[] { new("calibrate", 0), new("calibrate", 0.25), new("calibrate", 1) }, log.Told);
    }

    [TestMethod]
    public void Where_nobody_listens_the_phase_runs_and_is_timed()
    {
        var clock = new PhaseClock(null);

        Assert.AreEqual(7, clock.Run("round", progress => Report(progress, new(0.5, "1/2 conv1"))));
        CollectionAssert.AreEqual(new[] { "round" }, clock.Seconds.Keys.ToArray());
    }

    [TestMethod]
    public void A_rounded_layer_is_told_with_its_place_its_format_and_what_it_gained() =>
        Assert.AreEqual(new PhaseProgress(0.75, "3/4 conv1: int8, 38.2 dB (nearest 29.6 dB)"), PhaseProgress.OfLayer(3, 4, "conv1", "int8", 38.2484, 29.55));

    [TestMethod]
    public void Decibels_have_a_point_in_every_culture()
    {
        var culture = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("") { NumberFormat = { NumberDecimalSeparator = ",", NegativeSign = "~" } };

            Assert.AreEqual("10/12 fc: int4-weights, -0.5 dB (nearest -3.0 dB)", PhaseProgress.OfLayer(10, 12, "fc", "int4-weights", -0.5, -3).Detail);
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    private static int Report(PhaseReporter progress, PhaseProgress value)
    {
        progress.Report(value);
        return 7;
    }

    private sealed class Log : IProgress<CompressionProgress>
    {
        public List<CompressionProgress> Told { get; } = [];

        public void Report(CompressionProgress value) => Told.Add(value);
    }
}
