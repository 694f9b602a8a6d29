using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Calibration;

[TestClass]
public sealed class RowCollectionTests
{
    [TestMethod]
    public void Samples_and_their_rows_are_spread_evenly()
    {
        // 32 samples of 48 rows, each row of which is twice its number: every second sample, and every third row of it.
        var rows = Collect([.. Enumerable.Range(0, 32 * 48).SelectMany(row => new float[] { -row, -row })], 32, 48, 2)["n"];

        CollectionAssert.AreEqual(Enumerable.Range(0, 16 * 16).SelectMany(index => new float[] { Row(index), Row(index) }).ToArray(), rows);

        static float Row(int index) => (index / 16 * 2 * 48) + (index % 16 * 3);
    }

    [TestMethod]
    public void Few_samples_of_few_rows_are_kept_whole() => CollectionAssert.AreEqual(new float[] { 1, 2, 3, 4, 5, 6, 7, 8 }, Collect([-1, -2, -3, -4, -5, -6, -7, -8], 2, 2, 2)["n"]);

    [TestMethod]
    [DataRow("Sqrt", 2, false)]
    [DataRow("Reciprocal", 2, false)]
    [DataRow("Neg", 3, false)]
    [DataRow("Neg", 4, true)]
    public void A_value_that_is_not_finite_or_no_whole_rows_is_left_out(string operation, int length, bool isKept) =>
        Assert.AreEqual(isKept, Collect([1, 2, 3, 4, 5, 6, 0, -1], 2, 2, length, operation).ContainsKey("n"));

    private static IReadOnlyDictionary<string, float[]> Collect(float[] values, int samples, int rows, int length, string operation = "Neg")
    {
        using var folder = new TemporaryFolder();
        var columns = values.Length / samples / rows;
        using var model = ModelBuilder.Create().Input("x", rows, columns).Node(operation, ["x"], ["n"]).Node("Abs", ["n"], ["y"]).Output("y").Load(folder);
        var set = Samples.Open(folder.Write("data.npz", Npy.Archive(("x", Npy.Array(values, samples, rows, columns)))), Samples.Port("x", rows, columns));
        return RowCollector.Collect(model, set, [.. Enumerable.Range(0, samples)], new Dictionary<string, int> { ["n"] = length }, CancellationToken.None);
    }
}
