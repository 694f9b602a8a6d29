using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Calibration;

[TestClass]
public sealed class ImageReadingTests
{
    // Two pixels side by side: red-green-blue 255 0 51 and 0 102 204.
    private static readonly byte[] TwoPixels = [255, 0, 51, 0, 102, 204];

    [TestMethod]
    public void Channels_come_first_where_the_model_says_so()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("a.png", Images.Png(2, 3, TwoPixels));

        var sample = Samples.Open(path, Samples.Port("x", -1, 3, 1, 2)).All().Single();

        CollectionAssert.AreEqual(new long[] { 1, 3, 1, 2 }, sample.Tensor("x").Shape);
        AreClose([1, 0, 0, 0.4f, 0.2f, 0.8f], sample.Values<float>());
        Assert.IsNull(sample.Label);
    }

    [TestMethod]
    public void Channels_come_last_where_the_model_says_so()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("a.png", Images.Png(2, 3, TwoPixels));

        var sample = Samples.Open(path, Samples.Port("x", 1, 2, 2, 3)).All().Single();

        CollectionAssert.AreEqual(new long[] { 1, 2, 2, 3 }, sample.Tensor("x").Shape);
        AreClose([1, 0, 0.2f, 0, 0.4f, 0.8f, 1, 0, 0.2f, 0, 0.4f, 0.8f], sample.Values<float>());
    }

    [TestMethod]
    public void Mean_and_deviation_are_per_channel()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("a.png", Images.Png(2, 3, TwoPixels));
        var options = new ImageOptions { Mean = [0.5f, 0.4f, 0], StandardDeviation = [0.25f, 1, 2] };

        var sample = SampleSet.Open([path], Samples.Ports(Samples.Port("x", 1, 3, 1, 2)), options).All().Single();

        AreClose([2, -2, -0.4f, 0, 0.1f, 0.4f], sample.Values<float>());
    }

    [TestMethod]
    public void One_mean_and_deviation_serve_all_channels()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("a.png", Images.Png(2, 3, TwoPixels));
        var options = new ImageOptions { Mean = [0.5f], StandardDeviation = [0.5f] };

        var sample = SampleSet.Open([path], Samples.Ports(Samples.Port("x", 1, 3, 1, 2)), options).All().Single();

        AreClose([1, -1, -1, -0.2f, -0.6f, 0.6f], sample.Values<float>());
    }

    [TestMethod]
    public void Every_format_is_decoded_alike()
    {
        using var folder = new TemporaryFolder();
        string[] paths = [folder.Write("a.png", Images.Png(2, 3, TwoPixels)), folder.Write("b.BMP", Images.Bmp(2, TwoPixels)), folder.Write("c.png", Images.Png(2, 4, 255, 0, 51, 9, 0, 102, 204, 99))];

        var samples = SampleSet.Open(paths, Samples.Ports(Samples.Port("x", 1, 3, 1, 2)), new ImageOptions()).All();

        CollectionAssert.AreEqual(samples[0].Values<float>(), samples[1].Values<float>());
        CollectionAssert.AreEqual(samples[0].Values<float>(), samples[2].Values<float>());
    }

    [TestMethod]
    [DataRow("a.jpg")]
    [DataRow("a.jpeg")]
    public void A_jpeg_is_decoded(string name)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write(name, Images.Jpeg());

        var values = Samples.Open(path, Samples.Port("x", 1, 1, 8, 8)).All().Single().Values<float>();

        AreClose([.. Enumerable.Repeat(200 / 255f, 64)], values);
    }

    [TestMethod]
    public void Grey_images_become_three_equal_channels_and_colours_become_grey()
    {
        using var folder = new TemporaryFolder();
        var grey = folder.Write("grey.png", Images.Png(1, 1, 102));
        var colour = folder.Write("colour.png", Images.Png(1, 3, 102, 102, 102));

        AreClose([0.4f, 0.4f, 0.4f], Samples.Open(grey, Samples.Port("x", 1, 3, 1, 1)).All().Single().Values<float>());
        AreClose([0.4f], Samples.Open(colour, Samples.Port("x", 1, 1, 1, 1)).All().Single().Values<float>());
    }

    [TestMethod]
    public void Images_take_the_models_size()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("a.png", Images.Png(4, 1, 0, 70, 140, 210));

        var values = Samples.Open(path, Samples.Port("x", 1, 1, 1, 2)).All().Single().Values<float>();

        // Weights 3/7, 3/7, 1/7 and mirrored.
        AreClose([((3 * 0) + (3 * 70) + 140) / 7f / 255, (70 + (3 * 140) + (3 * 210)) / 7f / 255], values);
    }

    [TestMethod]
    public void A_dynamic_size_is_told_by_the_option()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("a.png", Images.Png(1, 1, 51));

        var sample = SampleSet.Open([path], Samples.Ports(Samples.Port("x", -1, 1, -1, -1)), new ImageOptions { Size = (2, 3) }).All().Single();

        CollectionAssert.AreEqual(new long[] { 1, 1, 2, 3 }, sample.Tensor("x").Shape);
        AreClose([.. Enumerable.Repeat(0.2f, 6)], sample.Values<float>());
    }

    [TestMethod]
    public void Images_keep_their_sizes_where_the_item_says_original()
    {
        using var folder = new TemporaryFolder();
        string[] paths = [folder.Write("a.png", Images.Png(2, 3, TwoPixels)), folder.Write("b.png", Images.Png(1, 1, 51))];

        var samples = SampleSet.Open(paths, Samples.Ports(Samples.Port("x", -1, 3, -1, -1)), new ImageOptions { KeepsSize = true }).All();

        CollectionAssert.AreEqual(new long[] { 1, 3, 1, 2 }, samples[0].Tensor().Shape);
        CollectionAssert.AreEqual(new long[] { 1, 3, 1, 1 }, samples[1].Tensor().Shape);
        AreClose([0.2f, 0.2f, 0.2f], samples[1].Values<float>());
    }

    [TestMethod]
    public void Where_the_model_fixes_one_of_both_the_other_follows_in_proportion()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("a.png", Images.Png(4, 1, 0, 70, 140, 210));

        CollectionAssert.AreEqual(new long[] { 1, 1, 2, 8 }, SampleSet.Open([path], Samples.Ports(Samples.Port("x", 1, 1, 2, -1)), new ImageOptions { KeepsSize = true }).All().Single().Tensor().Shape);
        CollectionAssert.AreEqual(new long[] { 1, 1, 1, 2 }, SampleSet.Open([path], Samples.Ports(Samples.Port("x", 1, 1, -1, 2)), new ImageOptions { KeepsSize = true }).All().Single().Tensor().Shape);
    }

    [TestMethod]
    public void Images_cannot_keep_their_sizes_where_the_model_fixes_both()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("a.png", Images.Png(1, 1, 1));

        Samples.Refused(DiagnosticCodes.DataShapeMismatch, path, "Size says original", () => SampleSet.Open([path], Samples.Ports(Samples.Port("x", 1, 1, 8, 8)), new ImageOptions { KeepsSize = true }));
    }

    [TestMethod]
    public void Dynamic_channels_are_told_by_the_layout()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("a.png", Images.Png(2, 3, TwoPixels));

        var sample = SampleSet.Open([path], Samples.Ports(Samples.Port("x", -1, -1, -1, -1)), new ImageOptions { Size = (1, 2), Layout = "NHWC" }).All().Single();

        CollectionAssert.AreEqual(new long[] { 1, 1, 2, 3 }, sample.Tensor("x").Shape);
    }

    [TestMethod]
    public void A_model_without_a_batch_axis_takes_an_image()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("a.png", Images.Png(2, 3, TwoPixels));

        CollectionAssert.AreEqual(new long[] { 3, 1, 2 }, Samples.Open(path, Samples.Port("x", 3, 1, 2)).All().Single().Tensor("x").Shape);
    }

    [TestMethod]
    public void A_fixed_batch_is_filled_with_copies()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("a.png", Images.Png(1, 1, 51));

        var sample = Samples.Open(path, Samples.Port("x", 3, 1, 1, 1)).All().Single();

        CollectionAssert.AreEqual(new long[] { 3, 1, 1, 1 }, sample.Tensor("x").Shape);
        AreClose([0.2f, 0.2f, 0.2f], sample.Values<float>());
    }

    [TestMethod]
    public void A_byte_input_takes_the_pixels_themselves()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("a.png", Images.Png(2, 3, TwoPixels));

        var sample = Samples.Open(path, new ModelPort("x", DataType.Uint8, [1, 3, 1, 2])).All().Single();

        Assert.AreEqual(DataType.Uint8, sample.Tensor("x").Type);
        CollectionAssert.AreEqual(new byte[] { 255, 0, 0, 102, 51, 204 }, sample.Values<byte>());
    }

    [TestMethod]
    public void A_half_precision_input_takes_images()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("a.png", Images.Png(1, 1, 51));

        Assert.AreEqual((Half)0.2f, Samples.Open(path, new ModelPort("x", DataType.Float16, [1, 1, 1, 1])).All().Single().Values<Half>()[0]);
    }

    [TestMethod]
    public void Labels_are_the_ordinal_positions_of_the_class_folders()
    {
        using var folder = new TemporaryFolder();
        foreach (var name in new[] { "zebra/1.png", "Ant/2.png", "ant/b.png", "ant/a.png", ".hidden/h.png", "10/x.png" })
        {
            folder.Write($"set/{name}", Images.Png(1, 1, (byte)name[^5]));
        }

        Directory.CreateDirectory(folder.File("set/a-class-without-images"));
        folder.Write("set/readme.txt", "no image"u8);
        folder.Write("set/ant/._a.png", "no image either"u8);

        var set = Samples.Open(folder.File("set"), Samples.Port("x", 1, 1, 1, 1));

        Assert.IsTrue(set.HasLabels);
        Assert.AreEqual("x0 21 a2 b2 13", string.Join(" ", set.All().Select(sample => $"{(char)MathF.Round(sample.Values<float>()[0] * 255)}{sample.Label}")));
    }

    [TestMethod]
    public void Class_folders_named_by_numbers_are_these_numbers()
    {
        using var folder = new TemporaryFolder();
        foreach (var name in new[] { "10", "2", "007" })
        {
            folder.Write($"set/{name}/image.png", Images.Png(1, 1, 0));
        }

        var labels = Samples.Open(folder.File("set"), Samples.Port("x", 1, 1, 1, 1)).All().Select(sample => sample.Label);

        CollectionAssert.AreEqual(new int?[] { 7, 10, 2 }, labels.ToArray());
    }

    [TestMethod]
    public void Images_directly_in_a_folder_have_no_labels()
    {
        using var folder = new TemporaryFolder();
        folder.Write("b.png", Images.Png(1, 1, 2));
        folder.Write("a.png", Images.Png(1, 1, 1));

        var set = Samples.Open(folder.Path, Samples.Port("x", 1, 1, 1, 1));

        Assert.IsFalse(set.HasLabels);
        AreClose([1 / 255f, 2 / 255f], set.All().Select(sample => sample.Values<float>()[0]).ToArray());
    }

    [TestMethod]
    public void A_damaged_image_is_named()
    {
        using var folder = new TemporaryFolder();
        folder.Write("a.png", Images.Png(1, 1, 1));
        var damaged = folder.Write("b.png", Images.Png(1, 1, 1).AsSpan()[..20]);
        var set = Samples.Open(folder.Path, Samples.Port("x", 1, 1, 1, 1));

        Assert.HasCount(1, set.Read([0]).ToList());
        Samples.Refused(DiagnosticCodes.DataUnreadable, damaged, "damaged", () => set.All());
    }

    [TestMethod]
    public void Images_with_and_without_a_class_are_refused()
    {
        using var folder = new TemporaryFolder();
        folder.Write("set/a.png", Images.Png(1, 1, 1));
        folder.Write("set/cat/b.png", Images.Png(1, 1, 1));

        Samples.Refused(DiagnosticCodes.LabelsMismatch, folder.File("set"), "class folders", () => Samples.Open(folder.File("set"), Samples.Port("x", 1, 1, 1, 1)));
    }

    [TestMethod]
    [DataRow("1,1,-1,-1", null, DiagnosticCodes.DataShapeMismatch, "Set Size")]
    [DataRow("-1,-1,-1,-1", null, DiagnosticCodes.DataShapeMismatch, "Set Layout")]
    [DataRow("1,8,8,8", null, DiagnosticCodes.DataShapeMismatch, "Set Layout")]
    [DataRow("1,3,8,8", "NHWC", DiagnosticCodes.DataShapeMismatch, "1 or 3 channels")]
    [DataRow("1,64", null, DiagnosticCodes.DataShapeMismatch, "channels, height and width")]
    public void A_model_that_takes_no_image_is_told(string shape, string? layout, string code, string part)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("a.png", Images.Png(1, 1, 1));
        var port = Samples.Port("x", [.. shape.Split(',').Select(long.Parse)]);

        Samples.Refused(code, path, part, () => SampleSet.Open([path], Samples.Ports(port), new ImageOptions { Layout = layout }));
    }

    [TestMethod]
    public void A_size_that_is_not_the_models_is_refused()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("a.png", Images.Png(1, 1, 1));

        Samples.Refused(DiagnosticCodes.DataShapeMismatch, path, "Size", () => SampleSet.Open([path], Samples.Ports(Samples.Port("x", 1, 1, 8, 8)), new ImageOptions { Size = (8, 9) }));
    }

    [TestMethod]
    public void Images_for_two_inputs_or_for_integers_are_refused()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("a.png", Images.Png(1, 1, 1));
        var port = Samples.Port("x", 1, 1, 1, 1);

        Samples.Refused(DiagnosticCodes.DataNameMismatch, path, "2", () => Samples.Open(path, port, Samples.Port("y", 1)));
        Samples.Refused(DiagnosticCodes.DataTypeMismatch, path, "int64", () => Samples.Open(path, new ModelPort("x", DataType.Int64, [1, 1, 1, 1])));
    }

    [TestMethod]
    [DataRow("mean", DiagnosticCodes.MetadataValueOutOfRange)]
    [DataRow("mean NaN", DiagnosticCodes.MetadataValueOutOfRange)]
    [DataRow("deviation", DiagnosticCodes.MetadataValueOutOfRange)]
    [DataRow("layout", DiagnosticCodes.MetadataValueUnknown)]
    public void Options_that_make_no_sense_are_refused(string which, string code)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("a.png", Images.Png(1, 1, 1));
        var options = which switch
        {
            "mean" => new ImageOptions { Mean = [0, 0] },
            "mean NaN" => new ImageOptions { Mean = [float.NaN] },
            "deviation" => new ImageOptions { StandardDeviation = [0, 1, 1] },
            _ => new ImageOptions { Layout = "NCWH" },
        };

        var exception = Assert.ThrowsExactly<CompressionException>(() => SampleSet.Open([path], Samples.Ports(Samples.Port("x", 1, 3, 1, 1)), options));

        Assert.AreEqual(code, exception.Code);
        Assert.IsNull(exception.File);
    }

    private static void AreClose(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        Assert.AreEqual(expected.Length, actual.Length);
        for (var index = 0; index < expected.Length; index++)
        {
            Assert.AreEqual(expected[index], actual[index], 1e-6f, $"element {index}");
        }
    }
}
