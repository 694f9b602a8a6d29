using ModelBuildTasks.Compression.Evaluation;

namespace ModelBuildTasks.Compression.Tests.Evaluation;

[TestClass]
public sealed class ClassScoresTests
{
    [TestMethod]
    [DataRow(new long[] { 1, 2 }, true)]
    [DataRow(new long[] { 1, 1000, 1, 1 }, true)]
    [DataRow(new long[] { 1, 1 }, false)]
    [DataRow(new long[] { 2, 10 }, false)]
    [DataRow(new long[] { 10 }, false)]
    [DataRow(new long[] { 1, 10, 4 }, false)]
    [DataRow(new long[] { 1, 10, 2, 2 }, false)]
    [DataRow(new long[] { }, false)]
    public void Class_scores_are_one_number_for_each_of_two_or_more_classes(long[] shape, bool expected) => Assert.AreEqual(expected, ClassScores.HasShape(shape));

    [TestMethod]
    public void The_highest_score_wins_and_the_first_of_equals()
    {
        Assert.AreEqual(1, ClassScores.Best([1, 3, 2]));
        Assert.AreEqual(0, ClassScores.Best([3, 3]));
        Assert.AreEqual(1, ClassScores.Best([float.NaN, float.NegativeInfinity]));
        Assert.AreEqual(-1, ClassScores.Best([float.NaN, float.NaN]));
    }

    [TestMethod]
    public void A_class_among_the_best_one_is_the_best()
    {
        var random = new Random(7);
        for (var run = 0; run < 200; run++)
        {
            // Few distinct values, so that ties are frequent.
            var scores = Enumerable.Range(0, 9).Select(_ => (float)random.Next(4)).ToArray();
            for (var label = 0; label < scores.Length; label++)
            {
                Assert.AreEqual(ClassScores.Best(scores) == label, ClassScores.IsAmongBest(scores, label, 1));
            }

            Assert.AreEqual(5, Enumerable.Range(0, 9).Count(label => ClassScores.IsAmongBest(scores, label, 5)));
        }
    }

    [TestMethod]
    public void A_class_without_a_score_is_not_among_the_best() => Assert.IsFalse(ClassScores.IsAmongBest([float.NaN, 1], 0, 5));
}
