using System.Text;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Calibration;

[TestClass]
public sealed class ActivationRangesTests
{
    [TestMethod]
    public void The_file_is_sorted_has_one_tensor_a_line_and_nothing_of_the_machine()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("digits.ranges.json");

        new ActivationRanges(new Dictionary<string, ValueRange> { ["b/Relu:0"] = new(0, 6.5f), ["a"] = new(-0.1f, 1e-20f), ["B \"é\""] = new(-3, -1) }).Save(path);

        const string Expected = "{\n  \"version\": 1,\n  \"method\": \"minmax\",\n  \"ranges\": {\n    \"B \\\"é\\\"\": [-3, -1],\n    \"a\": [-0.1, 1E-20],\n    \"b/Relu:0\": [0, 6.5]\n  }\n}\n";
        Assert.AreEqual(Expected, File.ReadAllText(path, Encoding.UTF8));
        Assert.AreNotEqual(0xEF, File.ReadAllBytes(path)[0]);
    }

    [TestMethod]
    public void Ranks_are_written_behind_the_ranges_sorted_and_come_back()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("digits.ranges.json");

        new ActivationRanges(new Dictionary<string, ValueRange> { ["x"] = new(0, 1) }) { Ranks = new Dictionary<string, int> { ["x"] = 3, ["a \"b\""] = 0 } }.Save(path);

        const string Expected = "{\n  \"version\": 1,\n  \"method\": \"minmax\",\n  \"ranges\": {\n    \"x\": [0, 1]\n  },\n  \"ranks\": {\n    \"a \\\"b\\\"\": 0,\n    \"x\": 3\n  }\n}\n";
        Assert.AreEqual(Expected, File.ReadAllText(path, Encoding.UTF8));
        Assert.AreEqual("a \"b\" 0, x 3", string.Join(", ", ActivationRanges.Load(path).Ranks.Select(rank => $"{rank.Key} {rank.Value}")));
    }

    [TestMethod]
    public void Means_are_written_behind_them_one_value_a_line_and_come_back()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("digits.ranges.json");

        new ActivationRanges(new Dictionary<string, ValueRange> { ["x"] = new(0, 1) }) { Means = new Dictionary<string, float[]> { ["x"] = [0.125f, -3], ["a"] = [1e-9f] } }.Save(path);

        const string Expected = "{\n  \"version\": 1,\n  \"method\": \"minmax\",\n  \"ranges\": {\n    \"x\": [0, 1]\n  },\n  \"means\": {\n    \"a\": [1E-09],\n    \"x\": [0.125, -3]\n  }\n}\n";
        Assert.AreEqual(Expected, File.ReadAllText(path, Encoding.UTF8));
        var means = ActivationRanges.Load(path).Means;
        CollectionAssert.AreEqual(new[] { 1e-9f }, means["a"]);
        CollectionAssert.AreEqual(new[] { 0.125f, -3 }, means["x"]);
    }

    [TestMethod]
    public void Exponents_of_smoothed_activations_are_written_last_and_come_back()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("digits.ranges.json");

        new ActivationRanges(new Dictionary<string, ValueRange> { ["x"] = new(0, 1) }) { Smoothed = new Dictionary<string, int[]> { ["x"] = [-6, 0, 1], ["a"] = [2] } }.Save(path);

        const string Expected = "{\n  \"version\": 1,\n  \"method\": \"minmax\",\n  \"ranges\": {\n    \"x\": [0, 1]\n  },\n  \"smoothed\": {\n    \"a\": [2],\n    \"x\": [-6, 0, 1]\n  }\n}\n";
        Assert.AreEqual(Expected, File.ReadAllText(path, Encoding.UTF8));
        CollectionAssert.AreEqual(new[] { -6, 0, 1 }, ActivationRanges.Load(path).Smoothed["x"]);
    }

    [TestMethod]
    [DataRow("3")]
    [DataRow("[0.5]")]
    [DataRow("[200]")]
    [DataRow("[null]")]
    public void Exponents_that_are_none_are_refused(string exponents)
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("digits.ranges.json");
        File.WriteAllText(path, $$$"""{"version": 1, "method": "minmax", "ranges": {}, "smoothed": {"x": {{{exponents}}}}}""");

        Assert.Contains("the exponents of 'x' are no powers of two", Assert.ThrowsExactly<CompressionException>(() => ActivationRanges.Load(path)).Message);
    }

    [TestMethod]
    [DataRow("[]")]
    [DataRow("[1, null]")]
    [DataRow("[1e99]")]
    [DataRow("3")]
    public void Means_that_are_no_numbers_are_refused(string means)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("digits.ranges.json", Encoding.UTF8.GetBytes($"{{\"version\":1,\"method\":\"minmax\",\"ranges\":{{}},\"means\":{{\"x\":{means}}}}}"));

        Samples.Refused(DiagnosticCodes.RangesInvalid, path, "the means of 'x'", () => ActivationRanges.Load(path));
    }

    [TestMethod]
    public void Equalized_layers_are_written_last_one_pair_a_line_and_come_back()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("digits.ranges.json");

        new ActivationRanges(new Dictionary<string, ValueRange> { ["x"] = new(0, 1) }) { Equalized = new Dictionary<string, string> { ["second"] = "third", ["first"] = "a \"b\"" } }.Save(path);

        const string Expected = "{\n  \"version\": 1,\n  \"method\": \"minmax\",\n  \"ranges\": {\n    \"x\": [0, 1]\n  },\n  \"equalized\": {\n    \"first\": \"a \\\"b\\\"\",\n    \"second\": \"third\"\n  }\n}\n";
        Assert.AreEqual(Expected, File.ReadAllText(path, Encoding.UTF8));
        Assert.AreEqual("first → a \"b\", second → third", string.Join(", ", ActivationRanges.Load(path).Equalized.Select(pair => $"{pair.Key} → {pair.Value}")));
    }

    [TestMethod]
    public void An_equalized_layer_that_is_no_name_is_refused()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("digits.ranges.json", "{\"version\":1,\"method\":\"minmax\",\"ranges\":{},\"equalized\":{\"x\":3}}"u8.ToArray());

        Samples.Refused(DiagnosticCodes.RangesInvalid, path, "'x'", () => ActivationRanges.Load(path));
    }

    [TestMethod]
    public void A_file_without_ranks_has_none()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("digits.ranges.json", "{\"version\":1,\"method\":\"minmax\",\"ranges\":{}}"u8.ToArray());

        Assert.IsEmpty(ActivationRanges.Load(path).Ranks);
        Assert.IsEmpty(ActivationRanges.Load(path).Means);
        Assert.IsEmpty(ActivationRanges.Load(path).Equalized);
    }

    [TestMethod]
    public void Every_float_comes_back_bit_by_bit()
    {
        using var folder = new TemporaryFolder();
        var random = new Random(17);
        var ranges = new Dictionary<string, ValueRange> { ["extreme"] = new(-float.MaxValue, float.MaxValue), ["tiny"] = new(float.Epsilon, float.Epsilon), ["zero"] = new(0, 0) };
        while (ranges.Count < 500)
        {
            var (first, second) = (BitConverter.Int32BitsToSingle(random.Next()), BitConverter.Int32BitsToSingle(~random.Next()));
            if (float.IsFinite(first) && float.IsFinite(second))
            {
                ranges[$"t{ranges.Count}"] = new ValueRange(Math.Min(first, second), Math.Max(first, second));
            }
        }

        new ActivationRanges(ranges).Save(folder.File("ranges.json"));
        var loaded = ActivationRanges.Load(folder.File("ranges.json")).Ranges;

        Assert.HasCount(ranges.Count, loaded);
        foreach (var (name, range) in ranges)
        {
            Assert.AreEqual(BitConverter.SingleToInt32Bits(range.Minimum), BitConverter.SingleToInt32Bits(loaded[name].Minimum));
            Assert.AreEqual(BitConverter.SingleToInt32Bits(range.Maximum), BitConverter.SingleToInt32Bits(loaded[name].Maximum));
        }
    }

    [TestMethod]
    public void Saving_what_was_loaded_gives_the_same_bytes()
    {
        using var folder = new TemporaryFolder();
        new ActivationRanges(new Dictionary<string, ValueRange> { ["y"] = new(-1.1f, 2), ["x"] = new(0, 0.3f) }).Save(folder.File("a.json"));

        ActivationRanges.Load(folder.File("a.json")).Save(folder.File("b.json"));

        CollectionAssert.AreEqual(File.ReadAllBytes(folder.File("a.json")), File.ReadAllBytes(folder.File("b.json")));
    }

    [TestMethod]
    [DataRow(CalibrationMethod.Auto, "auto")]
    [DataRow(CalibrationMethod.MinMax, "minmax")]
    [DataRow(CalibrationMethod.Percentile, "percentile")]
    [DataRow(CalibrationMethod.Entropy, "entropy")]
    [DataRow(CalibrationMethod.Mse, "mse")]
    public void The_file_says_its_method_and_any_method_loads(CalibrationMethod method, string name)
    {
        using var folder = new TemporaryFolder();
        new ActivationRanges(new Dictionary<string, ValueRange> { ["x"] = new(0, 1) }, method).Save(folder.File("a.json"));

        Assert.Contains($"\"method\": \"{name}\"", File.ReadAllText(folder.File("a.json")));
        Assert.AreEqual(method, ActivationRanges.Load(folder.File("a.json")).Method);
    }

    [TestMethod]
    public void No_ranges_are_a_file_too()
    {
        using var folder = new TemporaryFolder();
        new ActivationRanges(new Dictionary<string, ValueRange>()).Save(folder.File("a.json"));

        Assert.IsEmpty(ActivationRanges.Load(folder.File("a.json")).Ranges);
    }

    [TestMethod]
    [DataRow("", "no readable ranges file")]
    [DataRow("[]", "version")]
    [DataRow("{\"version\":2,\"method\":\"minmax\",\"ranges\":{}}", "version")]
    [DataRow("{\"method\":\"minmax\",\"ranges\":{}}", "version")]
    [DataRow("{\"version\":1,\"ranges\":{}}", "method")]
    [DataRow("{\"version\":1,\"method\":\"guess\",\"ranges\":{}}", "method")]
    [DataRow("{\"version\":1,\"method\":\"minmax\"}", "ranges")]
    [DataRow("{\"version\":1,\"method\":\"minmax\",\"ranges\":[]}", "ranges")]
    [DataRow("{\"version\":1,\"method\":\"minmax\",\"ranges\":{\"x\":[1]}}", "'x'")]
    [DataRow("{\"version\":1,\"method\":\"minmax\",\"ranges\":{\"x\":[1,2,3]}}", "'x'")]
    [DataRow("{\"version\":1,\"method\":\"minmax\",\"ranges\":{\"x\":[2,1]}}", "'x'")]
    [DataRow("{\"version\":1,\"method\":\"minmax\",\"ranges\":{\"x\":[0,1e999]}}", "'x'")]
    [DataRow("{\"version\":1,\"method\":\"minmax\",\"ranges\":{\"x\":[\"0\",1]}}", "'x'")]
    [DataRow("{\"version\":1,\"method\":\"minmax\",\"ranges\":{\"x\":null}}", "'x'")]
    [DataRow("{\"version\":1,\"method\":\"minmax\",\"ranges\":{\"x\":[0,1],\"x\":[0,2]}}", "x")]
    [DataRow("{\"version\":1,\"method\":\"minmax\",\"ranges\":{},\"ranks\":[]}", "ranks")]
    [DataRow("{\"version\":1,\"method\":\"minmax\",\"ranges\":{},\"ranks\":{\"x\":-1}}", "'x'")]
    [DataRow("{\"version\":1,\"method\":\"minmax\",\"ranges\":{},\"ranks\":{\"x\":1.5}}", "'x'")]
    [DataRow("{\"version\":1,\"method\":\"minmax\",\"ranges\":{},\"ranks\":{\"x\":[2]}}", "'x'")]
    public void A_malformed_file_is_refused(string text, string part)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("digits.ranges.json", Encoding.UTF8.GetBytes(text));

        Samples.Refused(DiagnosticCodes.RangesInvalid, path, part, () => ActivationRanges.Load(path));
    }

    [TestMethod]
    public void A_missing_file_is_refused()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("missing.json");

        Samples.Refused(DiagnosticCodes.RangesInvalid, path, "missing.json", () => ActivationRanges.Load(path));
    }
}
