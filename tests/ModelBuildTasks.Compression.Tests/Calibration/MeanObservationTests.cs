using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Calibration;

[TestClass]
public sealed class MeanObservationTests
{
    [TestMethod]
    public void Each_channel_has_the_mean_of_its_positions_in_all_samples()
    {
        // Two pictures of two channels, of two and of one position.
        var means = new MeanObservation(1);
        means.Include([1, 2, 10, 20], [1, 2, 2]);
        means.Include([6, 30], [1, 2, 1]);

        CollectionAssert.AreEqual(new[] { 3f, 20 }, means.Means);
    }

    [TestMethod]
    public void The_last_axis_may_be_of_any_rank()
    {
        var means = new MeanObservation(-1);
        means.Include([1, 2, 3, 4], [2, 2]);
        means.Include([5, 9], [1, 1, 2]);

        CollectionAssert.AreEqual(new[] { 3f, 5 }, means.Means);
    }

    [TestMethod]
    public void Four_digits_are_kept()
    {
        var means = new MeanObservation(-1);
        means.Include([1.23456f, -0.000987654f], [1, 2]);

        CollectionAssert.AreEqual(new[] { 1.235f, -0.0009877f }, means.Means);
    }

    [TestMethod]
    public void Without_elements_of_the_same_channels_or_finite_means_there_is_none()
    {
        Assert.IsNull(new MeanObservation(1).Means);
        var empty = new MeanObservation(1);
        empty.Include([], [0, 2]);
        Assert.IsNull(empty.Means);
        var uneven = new MeanObservation(1);
        uneven.Include([1, 2], [1, 2]);
        uneven.Include([1], [1, 1]);
        Assert.IsNull(uneven.Means);
        var flat = new MeanObservation(1);
        flat.Include([1], [1]);
        Assert.IsNull(flat.Means);
        var infinite = new MeanObservation(0);
        infinite.Include([float.PositiveInfinity], [1]);
        Assert.IsNull(infinite.Means);
    }

    [TestMethod]
    public void Values_are_observed_only_where_means_are_wanted()
    {
        using var folder = new TemporaryFolder();
        using var model = ModelBuilder.Create().Input("x", 1, 2).Node("Neg", ["x"], ["n"]).Node("Abs", ["n"], ["y"]).Output("y", 1, 2).Load(folder);
        var samples = Samples.Open(folder.Write("data.npz", Npy.Archive(("x", Npy.Array([1f, 2, 3, 6], 2, 2)))), Samples.Port("x", -1, 2));

        var means = RangeCollector.Collect(model, samples, [0, 1], CalibrationMethod.Auto, null, new Dictionary<string, int> { ["x"] = -1, ["n"] = 1 }, null, CancellationToken.None).Means;

        Assert.AreEqual("n, x", string.Join(", ", means.Keys.Order(StringComparer.Ordinal)));
        CollectionAssert.AreEqual(new[] { 2f, 4 }, means["x"]);
        CollectionAssert.AreEqual(new[] { -2f, -4 }, means["n"]);
    }
}
