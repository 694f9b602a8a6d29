using ModelBuildTasks.Compression.Evaluation;

namespace ModelBuildTasks.Compression.Tests.Evaluation.Texts;

[TestClass]
public sealed class PairedErrorsTests
{
    private const double Z = 1.959963984540054;

    [TestMethod]
    public void Without_a_change_the_interval_is_that_of_the_characters()
    {
        var (low, high) = PairedInterval.OfErrors(Lines((10, 1, 1), (30, 0, 0), (20, 2, 2)));

        Assert.AreEqual(Z * Z / (60 + (Z * Z)), high, 1e-12);
        Assert.AreEqual(-high, low, 1e-12);
    }

    [TestMethod]
    public void Errors_that_come_together_widen_it()
    {
        // Ten more errors of 1000 characters: one in each of ten lines of a hundred, or all in one.
        var spread = PairedInterval.OfErrors(Lines([.. Enumerable.Range(0, 100).Select(line => (10, 0, line < 10 ? 1 : 0))]));
        var together = PairedInterval.OfErrors(Lines([.. Enumerable.Range(0, 100).Select(line => (10, 0, line == 0 ? 10 : 0))]));

        // Equal lengths: the differences are 10 and 99 zeros, of mean 0.1 and variance (100 − 100 · 0.01) / 99 = 1.
        Assert.AreEqual(0.01 + (Z * 1 * Math.Sqrt(100) / 1000), together.High, 1e-12);
        Assert.IsLessThan(together.High - together.Low, spread.High - spread.Low);
        Assert.IsGreaterThan(0.01, spread.High);
    }

    [TestMethod]
    public void Exchanging_the_models_mirrors_it()
    {
        var (low, high) = PairedInterval.OfErrors(Lines((10, 1, 3), (30, 4, 0), (20, 2, 7), (5, 0, 1)));
        var (mirroredLow, mirroredHigh) = PairedInterval.OfErrors(Lines((10, 3, 1), (30, 0, 4), (20, 7, 2), (5, 1, 0)));

        Assert.AreEqual(-high, mirroredLow, 1e-12);
        Assert.AreEqual(-low, mirroredHigh, 1e-12);
    }

    [TestMethod]
    public void One_line_and_no_character_tell_nothing()
    {
        Assert.AreEqual((-1, 1), PairedInterval.OfErrors(Lines((10, 0, 1))));
        Assert.AreEqual((-1, 1), PairedInterval.OfErrors(Lines((0, 0, 1), (0, 1, 0))));
    }

    [TestMethod]
    public void It_stays_a_difference_of_shares_where_lines_have_more_errors_than_characters()
    {
        var (low, high) = PairedInterval.OfErrors(Lines((1, 0, 9), (2, 7, 0), (1, 0, 0)));

        Assert.IsTrue(low >= -1 && high <= 1 && low <= high);
    }

    [TestMethod]
    public void In_95_of_100_sets_of_lines_it_holds_the_true_drop()
    {
        // A tenth of the lines changes, by −1 to 4 errors: 0.1 · 1.5 errors a line of 14.5 characters in the mean.
        const double True = 0.1 * 1.5 / 14.5;
        var random = new Random(8);
        var held = 0;
        const int Sets = 1000;
        for (var set = 0; set < Sets; set++)
        {
            var errors = default(PairedErrors);
            for (var line = 0; line < 400; line++)
            {
                errors = errors.With(random.Next(5, 25), 2, random.Next(10) == 0 ? 2 + random.Next(-1, 5) : 2);
            }

            var (low, high) = PairedInterval.OfErrors(errors);
            held += low <= True && True <= high ? 1 : 0;
        }

        Assert.IsTrue(held is >= 925 and <= 980, $"{held} of {Sets}");
    }

    private static PairedErrors Lines(params (int Length, int Before, int After)[] lines) => lines.Aggregate(default(PairedErrors), (errors, line) => errors.With(line.Length, line.Before, line.After));
}
