using ModelBuildTasks.Compression.Evaluation;

namespace ModelBuildTasks.Compression.Tests.Evaluation;

[TestClass]
public sealed class OutputDistanceTests
{
    [TestMethod]
    public void Twenty_decibels_are_a_tenth_of_the_amplitude()
        => Assert.AreEqual(20, OutputDistance.Between([10, 0], [10, 1]).SqnrDb, 1e-12);

    [TestMethod]
    public void Places_where_the_original_is_not_finite_are_left_out()
    {
        var distance = OutputDistance.Between([3, float.NaN, float.PositiveInfinity, float.NegativeInfinity, 4], [3, 7, float.PositiveInfinity, float.NaN, 5]);

        Assert.AreEqual(new OutputDistance(25, 1, 34, 29, IsLost: false), distance);
    }

    [TestMethod]
    [DataRow(float.NaN)]
    [DataRow(float.PositiveInfinity)]
    [DataRow(float.NegativeInfinity)]
    public void One_place_that_became_not_finite_makes_the_output_all_noise(float value)
    {
        var distance = OutputDistance.Between([3, 0, 4], [3, value, 4]);

        Assert.IsTrue(distance.IsLost);
        Assert.AreEqual(0.0, distance.SqnrDb);
        Assert.AreEqual(0.0, distance.Cosine);
    }

    [TestMethod]
    public void Outputs_of_different_lengths_are_all_noise()
    {
        var distance = OutputDistance.Between([3, float.NaN, 4], [3]);

        Assert.IsTrue(distance.IsLost);
        Assert.AreEqual(25.0, distance.Signal);
        Assert.AreEqual(25.0, distance.Noise);
    }

    [TestMethod]
    public void A_lost_output_is_never_a_right_one()
    {
        Assert.AreEqual(-200.0, OutputDistance.Between([0, 0], [0]).SqnrDb);
        Assert.AreEqual(-200.0, OutputDistance.Between([0], [float.NaN]).SqnrDb);
        Assert.AreEqual(-200.0, OutputDistance.Between([], [1]).SqnrDb);
    }

    [TestMethod]
    public void The_sqnr_is_a_number_whatever_the_outputs_are()
    {
        Assert.AreEqual(200.0, OutputDistance.Between([0, 0], [0, 0]).SqnrDb);
        Assert.AreEqual(-200.0, OutputDistance.Between([0, 0], [0, 1]).SqnrDb);
        Assert.AreEqual(200.0, OutputDistance.Between([], []).SqnrDb);
        Assert.IsTrue(double.IsFinite(OutputDistance.Between([float.MaxValue, -float.MaxValue], [-float.MaxValue, float.MaxValue]).SqnrDb));
        Assert.AreEqual(200.0, new OutputDistance(1e30, 1e-30, 0, 0, IsLost: false).SqnrDb);
    }

    [TestMethod]
    public void The_cosine_tells_direction_and_not_length()
    {
        Assert.AreEqual(1.0, OutputDistance.Between([1, 2], [1, 2]).Cosine);
        Assert.AreEqual(1.0, OutputDistance.Between([1, 2], [2, 4]).Cosine, 1e-12);
        Assert.AreEqual(-1.0, OutputDistance.Between([1, 2], [-1, -2]).Cosine, 1e-12);
        Assert.AreEqual(0.0, OutputDistance.Between([1, 0], [0, 1]).Cosine);
        Assert.AreEqual(1.0, OutputDistance.Between([0, 0], [0, 0]).Cosine);
        Assert.AreEqual(0.0, OutputDistance.Between([0, 0], [0, 1]).Cosine);
    }
}
