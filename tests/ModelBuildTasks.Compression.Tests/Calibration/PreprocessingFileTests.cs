using System.Text;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Calibration;

/// <summary>preprocessing.json in a folder of images.</summary>
[TestClass]
public sealed class PreprocessingFileTests
{
    // One pixel: red-green-blue 255 0 51, that is 1, 0 and 0.2.
    private static readonly byte[] Pixel = Images.Png(1, 3, 255, 0, 51);
    private static readonly ModelPort Free = Samples.Port("x", -1, -1, -1, -1);

    [TestMethod]
    public void It_tells_what_the_item_does_not()
    {
        using var folder = new TemporaryFolder();

        var value = Open(folder, """{"mean": [0.5, 0.5, 0], "std": [0.5, 1, 0.2], "layout": "NHWC", "size": [2, 1]}""", new()).All().Single();

        CollectionAssert.AreEqual(new long[] { 1, 2, 1, 3 }, value.Tensor("x").Shape);
        AreClose([1, -0.5f, 1, 1, -0.5f, 1], value.Values<float>());
    }

    [TestMethod]
    public void The_item_wins()
    {
        using var folder = new TemporaryFolder();
        var item = new ImageOptions { Mean = [0], StandardDeviation = [0.5f], Layout = "NCHW", Size = (1, 1) };

        var value = Open(folder, """{"mean": [0.5, 0.5, 0], "std": [0.5, 1, 0.2], "layout": "NHWC", "size": [2, 1]}""", item).All().Single();

        CollectionAssert.AreEqual(new long[] { 1, 3, 1, 1 }, value.Tensor("x").Shape);
        AreClose([2, 0, 0.4f], value.Values<float>());
    }

    [TestMethod]
    public void The_item_wins_key_by_key()
    {
        using var folder = new TemporaryFolder();
        var item = new ImageOptions { Layout = "NCHW", Size = (1, 1), Mean = [0.5f] };

        AreClose([5, -5, -3], Open(folder, """{"mean": [9], "std": 0.1}""", item).All().Single().Values<float>());
    }

    [TestMethod]
    public void It_may_say_that_images_keep_their_sizes_which_a_size_of_the_item_overrides()
    {
        using var folder = new TemporaryFolder();

        CollectionAssert.AreEqual(new long[] { 1, 3, 1, 1 }, Open(folder, """{"size": "original", "layout": "NCHW"}""", new()).All().Single().Tensor().Shape);
        CollectionAssert.AreEqual(new long[] { 1, 3, 2, 3 }, Open(folder, """{"size": "original", "layout": "NCHW"}""", new() { Size = (2, 3) }).All().Single().Tensor().Shape);
        CollectionAssert.AreEqual(new long[] { 1, 3, 1, 1 }, Open(folder, """{"size": [2, 3], "layout": "NCHW"}""", new() { KeepsSize = true }).All().Single().Tensor().Shape);
    }

    [TestMethod]
    public void It_serves_folders_of_classes_and_is_no_image()
    {
        using var folder = new TemporaryFolder();
        folder.Write("images/cat/a.png", Pixel);
        folder.Write("images/dog/a.png", Pixel);
        folder.Write("images/preprocessing.json", """{"std": [0.5]}"""u8);

        var set = Samples.Open(folder.File("images"), Samples.Port("x", 1, 3, 1, 1));

        Assert.AreEqual(2, set.Count);
        CollectionAssert.AreEqual(new int?[] { 0, 1 }, set.All().ConvertAll(sample => sample.Label));
        AreClose([2, 0, 0.4f], set.All()[1].Values<float>());
    }

    [TestMethod]
    [DataRow("""{"means": [0.5]}""", "unknown key 'means'")]
    [DataRow("""{"Mean": [0.5]}""", "unknown key 'Mean'")]
    [DataRow("""{"mean": [0.5], "mean": [0.4]}""", "no valid JSON")]
    [DataRow("""{"mean": [0.5}""", "no valid JSON")]
    [DataRow("", "no valid JSON")]
    [DataRow("[0.5]", "no JSON object")]
    [DataRow("""{"mean": "0.5"}""", "mean is no list of numbers")]
    [DataRow("""{"mean": []}""", "mean is no list of numbers")]
    [DataRow("""{"mean": [1e300]}""", "mean is no list of numbers")]
    [DataRow("""{"std": [0.5, null, 0.5]}""", "std is no list of numbers")]
    [DataRow("""{"std": [0.5, 0, 0.5]}""", "not greater than 0")]
    [DataRow("""{"std": [0.5, 0.5]}""", "std has 2 values, but the model's images have 3 channels")]
    [DataRow("""{"layout": "CHW"}""", "layout is neither")]
    [DataRow("""{"layout": 1}""", "layout is neither")]
    [DataRow("""{"size": [224]}""", "no pair")]
    [DataRow("""{"size": [224, 0]}""", "no pair")]
    [DataRow("""{"size": [224, 1.5]}""", "no pair")]
    [DataRow("""{"size": "224x224"}""", "no pair")]
    public void What_is_wrong_in_it_is_told_with_its_name(string text, string part)
    {
        using var folder = new TemporaryFolder();
        var fixedSize = Samples.Port("x", 1, 3, 1, 1);

        Samples.Refused(DiagnosticCodes.DataUnreadable, folder.File("images/preprocessing.json"), part, () => Open(folder, text, new(), fixedSize));
    }

    private static SampleSet Open(TemporaryFolder folder, string preprocessing, ImageOptions item, ModelPort? input = null)
    {
        folder.Write("images/a.png", Pixel);
        folder.Write("images/preprocessing.json", Encoding.UTF8.GetBytes(preprocessing));
        return SampleSet.Open([folder.File("images")], Samples.Ports(input ?? Free), item);
    }

    private static void AreClose(float[] expected, float[] actual)
    {
        Assert.HasCount(expected.Length, actual);
        for (var index = 0; index < expected.Length; index++)
        {
            Assert.AreEqual(expected[index], actual[index], 1e-5f);
        }
    }
}
