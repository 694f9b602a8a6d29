using System.Text;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Calibration;

[TestClass]
public sealed class TextLabelTests : IDisposable
{
    private static readonly byte[] Pixel = Images.Png(1, 1, 255);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    [DataRow("<U3", "utf-32")]
    [DataRow(">U3", "utf-32BE")]
    [DataRow("|S6", "utf-8")]
    public void An_array_of_texts_tells_what_there_is_to_read(string type, string encoding)
    {
        var room = type == "|S6" ? 6 : 12;
        byte[] Element(string text)
        {
            var bytes = new byte[room];
            Encoding.GetEncoding(encoding).GetBytes(text).CopyTo(bytes, 0);
            return bytes;
        }

        var path = Write(Npy.Bytes(Npy.Dictionary(type, false, 3), (byte[])[.. Element("a é"), .. Element(""), .. Element("数字")]));

        var set = Open(path);

        Assert.IsTrue(set.HasTexts);
        Assert.IsFalse(set.HasLabels);
        CollectionAssert.AreEqual(new[] { "a é", "", "数字" }, Texts(set));
        Assert.IsNull(set.All()[0].Label);
    }

    [TestMethod]
    public void Integers_are_classes_also_of_a_model_that_reads_text()
    {
        var set = Open(Write(Npy.Array([2, 0, 1], 3)));

        Assert.IsTrue(set.HasLabels);
        Assert.IsFalse(set.HasTexts);
    }

    [TestMethod]
    public void Texts_of_a_model_that_reads_none_are_refused()
    {
        var path = Write(Npy.Bytes(Npy.Dictionary("<U1", false, 3), new byte[12]));

        Samples.Refused(DiagnosticCodes.DataTypeMismatch, path, "Keys", () => Samples.Open(path, Samples.Port("x", -1, 1)));
    }

    [TestMethod]
    public void Fewer_texts_than_samples_are_refused()
    {
        var path = Write(Npy.Bytes(Npy.Dictionary("<U1", false, 2), new byte[8]));

        Samples.Refused(DiagnosticCodes.LabelsMismatch, path, "one label for each sample", () => Open(path));
    }

    [TestMethod]
    public void Bytes_that_are_no_text_are_refused()
    {
        var path = Write(Npy.Bytes(Npy.Dictionary("|S1", false, 3), [(byte)'a', 0xFF, (byte)'b']));

        Samples.Refused(DiagnosticCodes.DataUnreadable, path, "at sample 1", () => Open(path));
    }

    [TestMethod]
    public void Objects_are_refused_and_str_is_named()
    {
        var path = Write(Npy.Bytes(Npy.Dictionary("|O", false, 3), new byte[24]));

        Samples.Refused(DiagnosticCodes.DataTypeMismatch, path, "dtype=str", () => Open(path));
    }

    [TestMethod]
    public void A_column_of_texts_tells_what_there_is_to_read()
    {
        var path = folder.Write("data.csv", "label,x\n\"a, \"\"b\"\"\",1\n007,2\n,3\n"u8);

        CollectionAssert.AreEqual(new[] { "a, \"b\"", "007", "" }, Texts(Open(path)));
    }

    [TestMethod]
    public void A_file_beside_images_tells_what_there_is_to_read()
    {
        folder.Write("set/b.png", Pixel);
        folder.Write("set/a.png", Pixel);
        folder.Write("set/more/c.png", Pixel);
        folder.Write("set/labels.txt", "b.png\ttwo words\r\nmore/c.png\t数\tx\n\na.png\t\n"u8);

        var set = OpenImages();

        Assert.IsTrue(set.HasTexts);
        CollectionAssert.AreEqual(new[] { "two words", "数\tx", "" }, Texts(set));
        CollectionAssert.AreEqual(new[] { "b.png", "c.png", "a.png" }, set.All().ConvertAll(sample => Path.GetFileName(sample.File)));
    }

    [TestMethod]
    public void The_file_beside_images_is_not_for_a_model_that_reads_no_text()
    {
        folder.Write("set/a.png", Pixel);
        folder.Write("set/labels.txt", "tench\ngoldfish\n"u8);

        Assert.IsFalse(SampleSet.Open([folder.File("set")], Samples.Ports(Samples.Port("x", 1, 1, 1, 1)), new ImageOptions()).HasTexts);
    }

    [TestMethod]
    [DataRow("a.png two words\n", DiagnosticCodes.LabelsMismatch, "line 1 has no tab")]
    [DataRow("\ttext\n", DiagnosticCodes.LabelsMismatch, "no image before its tab")]
    [DataRow("a.png\tx\na.png\ty\n", DiagnosticCodes.LabelsMismatch, "line 2 is the second one")]
    [DataRow("a.png\tx\n", DiagnosticCodes.LabelsMismatch, "no line for the image 'b.png'")]
    [DataRow("a.png\tx\nb.png\ty\nc.png\tz\n", DiagnosticCodes.DataUnreadable, "'c.png', which does not exist")]
    [DataRow("../a.png\tx\n", DiagnosticCodes.DataUnreadable, "outside of the folder")]
    public void A_file_that_does_not_fit_the_images_is_refused(string content, string code, string part)
    {
        folder.Write("set/a.png", Pixel);
        folder.Write("set/b.png", Pixel);
        var path = folder.Write("set/labels.txt", Encoding.UTF8.GetBytes(content));

        Samples.Refused(code, path, part, () => OpenImages());
    }

    [TestMethod]
    public void A_file_that_is_not_UTF_8_is_refused()
    {
        folder.Write("set/a.png", Pixel);
        var path = folder.Write("set/labels.txt", [.. "a.png\t"u8, 0xC4, 0xD6]);

        Samples.Refused(DiagnosticCodes.DataUnreadable, path, "UTF-8", () => OpenImages());
    }

    [TestMethod]
    public void All_files_of_a_set_have_labels_of_one_kind()
    {
        var texts = Write(Npy.Bytes(Npy.Dictionary("<U1", false, 3), new byte[12]));
        var classes = folder.Write("classes.npz", Npy.Archive(("x", Npy.Array([1f], 1, 1)), ("labels", Npy.Array([2], 1))));

        Samples.Refused(DiagnosticCodes.LabelsMismatch, classes, "labels of one kind", () => Open(texts, classes));
    }

    [TestMethod]
    public void Several_files_are_read_one_after_another()
    {
        var first = folder.Write("a.csv", "x,label\n1,one\n"u8);
        var second = folder.Write("b.csv", "x,label\n2,two\n"u8);

        var set = Open(first, second);

        Assert.IsTrue(set.HasTexts);
        CollectionAssert.AreEqual(new[] { "one", "two" }, Texts(set));
    }

    private static string?[] Texts(SampleSet set) => [.. set.All().Select(sample => sample.Text)];

    private static SampleSet Open(params string[] paths) => SampleSet.Open(paths, Samples.Ports(Samples.Port("x", -1, 1)), new ImageOptions(), textLabels: true);

    private SampleSet OpenImages() => SampleSet.Open([folder.File("set")], Samples.Ports(Samples.Port("x", 1, 1, 1, 1)), new ImageOptions(), textLabels: true);

    private string Write(byte[] labels) => folder.Write("data.npz", Npy.Archive(("x", Npy.Array([1f, 2, 3], 3, 1)), ("labels", labels)));
}
