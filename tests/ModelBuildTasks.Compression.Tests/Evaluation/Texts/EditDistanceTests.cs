using ModelBuildTasks.Compression.Evaluation;

namespace ModelBuildTasks.Compression.Tests.Evaluation.Texts;

[TestClass]
public sealed class EditDistanceTests
{
    [TestMethod]
    [DataRow("", "", 0)]
    [DataRow("", "abc", 3)]
    [DataRow("abc", "abc", 0)]
    [DataRow("abc", "abd", 1)]
    [DataRow("abc", "ac", 1)]
    [DataRow("abc", "abxc", 1)]
    [DataRow("kitten", "sitting", 3)]
    [DataRow("Saturday", "Sunday", 3)]
    [DataRow("ab", "ba", 2)]
    public void Each_inserted_removed_or_replaced_character_counts_one(string left, string right, int distance)
    {
        Assert.AreEqual(distance, EditDistance.Between(left, right));
        Assert.AreEqual(distance, EditDistance.Between(right, left));
    }

    [TestMethod]
    public void A_character_beyond_the_basic_plane_is_one()
    {
        Assert.AreEqual(1, EditDistance.Between("a𠮷b", "ab"));
        Assert.AreEqual(1, EditDistance.Between("a𠮷b", "a𠮸b"));
        Assert.AreEqual(3, EditDistance.Length("a𠮷b"));
    }

    [TestMethod]
    public void It_is_a_metric()
    {
        var random = new Random(5);
        string Text() => new([.. Enumerable.Range(0, random.Next(8)).Select(_ => (char)('a' + random.Next(3)))]);
        for (var run = 0; run < 500; run++)
        {
            var (a, b, c) = (Text(), Text(), Text());

            Assert.AreEqual(a == b, EditDistance.Between(a, b) == 0);
            Assert.IsLessThanOrEqualTo(EditDistance.Between(a, b) + EditDistance.Between(b, c), EditDistance.Between(a, c), $"{a} {b} {c}");
            Assert.IsGreaterThanOrEqualTo(Math.Abs(a.Length - b.Length), EditDistance.Between(a, b));
            Assert.IsLessThanOrEqualTo(Math.Max(a.Length, b.Length), EditDistance.Between(a, b));
        }
    }
}
