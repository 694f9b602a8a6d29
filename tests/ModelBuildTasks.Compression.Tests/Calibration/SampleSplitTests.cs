using ModelBuildTasks.Compression.Calibration;

namespace ModelBuildTasks.Compression.Tests.Calibration;

[TestClass]
public sealed class SampleSplitTests
{
    [TestMethod]
    public void Every_second_sample_is_held_out()
    {
        var split = SampleSplit.Of(5, hasValidation: false);

        Assert.AreEqual("0,2,4", string.Join(",", split.Calibration));
        Assert.AreEqual("1,3", string.Join(",", split.Judged));
    }

    [TestMethod]
    public void With_a_validation_set_every_sample_calibrates()
    {
        var split = SampleSplit.Of(3, hasValidation: true);

        Assert.AreEqual("0,1,2", string.Join(",", split.Calibration));
        Assert.IsEmpty(split.Judged);
    }

    [TestMethod]
    public void Where_the_order_matters_the_second_half_is_held_out()
    {
        var split = SampleSplit.Of(5, hasValidation: false, isOrdered: true);

        Assert.AreEqual("0,1,2", string.Join(",", split.Calibration));
        Assert.AreEqual("3,4", string.Join(",", split.Judged));
        Assert.HasCount(5, SampleSplit.Of(5, hasValidation: true, isOrdered: true).Calibration);
    }

    [TestMethod]
    public void A_single_sample_calibrates_and_nothing_judges()
    {
        var split = SampleSplit.Of(1, hasValidation: false);

        Assert.AreEqual("0", string.Join(",", split.Calibration));
        Assert.IsEmpty(split.Judged);
    }

    [TestMethod]
    public void No_sample_is_on_both_sides_and_none_is_lost()
    {
        for (var count = 0; count < 50; count++)
        {
            var split = SampleSplit.Of(count, hasValidation: false);

            CollectionAssert.AreEqual(Enumerable.Range(0, count).ToArray(), split.Calibration.Concat(split.Judged).Order().ToArray());
        }
    }

    [TestMethod]
    public void A_set_sorted_by_class_stays_balanced()
    {
        int[] labels = [.. Enumerable.Range(0, 100).Select(index => index / 10)];

        var judged = SampleSplit.Of(labels.Length, hasValidation: false).Judged.GroupBy(index => labels[index]);

        Assert.IsTrue(judged.All(group => group.Count() == 5));
    }
}
