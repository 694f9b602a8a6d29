using System.Globalization;
using System.IO.Compression;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Calibration;

[TestClass]
public sealed class ArrayReadingTests
{
    private static readonly float[] Numbers = [.. Enumerable.Range(0, 4 * 2 * 3).Select(number => number / 2f)];

    [TestMethod]
    [DataRow(CompressionLevel.NoCompression)]
    [DataRow(CompressionLevel.Optimal)]
    public void Samples_of_an_archive_are_its_rows(CompressionLevel compression)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("data.npz", Npy.Archive(compression, ("x", Npy.Array(Numbers, 4, 2, 3)), ("labels", Npy.Array<long>([3, 1, 0, 2], 4))));

        var set = Samples.Open(path, Samples.Port("x", -1, 2, 3));

        Assert.AreEqual(4, set.Count);
        Assert.IsTrue(set.HasLabels);
        foreach (var (index, sample) in set.All().Index())
        {
            Assert.AreEqual(index, sample.Index);
            Assert.AreEqual(new[] { 3, 1, 0, 2 }[index], sample.Label);
            CollectionAssert.AreEqual(new long[] { 1, 2, 3 }, sample.Tensor("x").Shape);
            CollectionAssert.AreEqual(Numbers[(index * 6)..((index + 1) * 6)], sample.Values<float>());
        }
    }

    [TestMethod]
    [DataRow("data.npz")]
    [DataRow("data.npy")]
    public void Fortran_order_gives_the_same_samples(string name)
    {
        using var folder = new TemporaryFolder();
        var array = Npy.FortranArray(Numbers, 4, 2, 3);
        var path = folder.Write(name, name.EndsWith('y') ? array : Npy.Archive(CompressionLevel.Optimal, ("x", array)));

        var samples = Samples.Open(path, Samples.Port("x", 1, 2, 3)).All();

        CollectionAssert.AreEqual(Numbers, samples.SelectMany(sample => sample.Values<float>()).ToArray());
    }

    [TestMethod]
    public void Several_files_of_one_set_may_have_different_shapes_where_the_models_is_free()
    {
        using var folder = new TemporaryFolder();
        folder.Write("a.npz", Npy.Archive(("x", Npy.Array([1f, 2, 3, 4], 2, 2))));
        folder.Write("b.npz", Npy.Archive(("x", Npy.Array([5f, 6, 7], 1, 3))));

        var samples = Samples.Open(folder.Path, Samples.Port("x", -1, -1)).All();

        CollectionAssert.AreEqual(new long[] { 1, 2 }, samples[1].Tensor().Shape);
        CollectionAssert.AreEqual(new long[] { 1, 3 }, samples[2].Tensor().Shape);
    }

    [TestMethod]
    [DataRow(nameof(DataType.Bfloat16), "bfloat16")]
    [DataRow(nameof(DataType.Int4), "int4")]
    [DataRow(nameof(DataType.String), "string")]
    public void NumPy_files_have_no_values_for_an_input_of_another_kind(string type, string name)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("x.npy", Npy.Array([1f, 2], 2, 1));

        Samples.Refused(DiagnosticCodes.DataTypeMismatch, path, $"takes {name}, and NumPy files have no such values", () => Samples.Open(path, new ModelPort("x", Enum.Parse<DataType>(type), [-1, 1])));
    }

    [TestMethod]
    public void NumPy_files_have_no_sequences()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("x.npy", Npy.Array([1f, 2], 2, 1));

        Samples.Refused(DiagnosticCodes.DataTypeMismatch, path, "takes a sequence of float tensors", () => Samples.Open(path, Samples.Port("x") with { Kind = PortKind.Sequence }));
    }

    [TestMethod]
    public void Fortran_order_means_that_the_first_axis_varies_fastest()
    {
        using var folder = new TemporaryFolder();
        byte[] elements = [1, 2, 3, 4, 5, 6];
        var path = folder.Write("data.npy", Npy.Bytes(Npy.Dictionary("|u1", true, 2, 3), elements));

        var samples = Samples.Open(path, Samples.Port("x", -1, 3)).All();

        CollectionAssert.AreEqual(new float[] { 1, 3, 5 }, samples[0].Values<float>());
        CollectionAssert.AreEqual(new float[] { 2, 4, 6 }, samples[1].Values<float>());
    }

    [TestMethod]
    [DataRow("data.npz", false)]
    [DataRow("data.npy", false)]
    [DataRow("data.npz", true)]
    public void Any_order_of_positions_is_read_and_a_set_can_be_read_again(string name, bool fortran)
    {
        using var folder = new TemporaryFolder();
        var array = fortran ? Npy.FortranArray(Numbers, 8, 3) : Npy.Array(Numbers, 8, 3);
        var path = folder.Write(name, name.EndsWith('y') ? array : Npy.Archive(CompressionLevel.Optimal, ("x", array)));
        var set = Samples.Open(path, Samples.Port("x", -1, 3));
        int[] positions = [1, 7, 7, 0, 3];

        for (var round = 0; round < 2; round++)
        {
            var samples = set.Read(positions).ToList();
            CollectionAssert.AreEqual(positions, samples.Select(sample => sample.Index).ToArray());
            CollectionAssert.AreEqual(positions.Select(position => Numbers[position * 3]).ToArray(), samples.Select(sample => sample.Values<float>()[0]).ToArray());
        }
    }

    [TestMethod]
    [DataRow("|b1", "00 01", 0f, 1f)]
    [DataRow("|i1", "FE 03", -2f, 3f)]
    [DataRow("<i2", "FE FF 00 01", -2f, 256f)]
    [DataRow(">i2", "FF FE 01 00", -2f, 256f)]
    [DataRow("<i4", "FE FF FF FF 00 00 01 00", -2f, 65536f)]
    [DataRow(">i4", "FF FF FF FE 00 01 00 00", -2f, 65536f)]
    [DataRow("<i8", "FE FF FF FF FF FF FF FF 01 00 00 00 00 00 00 00", -2f, 1f)]
    [DataRow(">i8", "FF FF FF FF FF FF FF FE 00 00 00 00 00 00 00 01", -2f, 1f)]
    [DataRow("|u1", "FE 03", 254f, 3f)]
    [DataRow("<u2", "FE FF 00 01", 65534f, 256f)]
    [DataRow(">u2", "FF FE 01 00", 65534f, 256f)]
    [DataRow("<u4", "00 00 01 00 05 00 00 00", 65536f, 5f)]
    [DataRow(">u4", "00 01 00 00 00 00 00 05", 65536f, 5f)]
    [DataRow("<u8", "00 00 00 00 00 00 00 80 05 00 00 00 00 00 00 00", 9223372036854775808f, 5f)]
    [DataRow(">u8", "80 00 00 00 00 00 00 00 00 00 00 00 00 00 00 05", 9223372036854775808f, 5f)]
    [DataRow("<f2", "00 C0 00 38", -2f, 0.5f)]
    [DataRow(">f2", "C0 00 38 00", -2f, 0.5f)]
    [DataRow("<f4", "00 00 00 C0 00 00 00 3F", -2f, 0.5f)]
    [DataRow(">f4", "C0 00 00 00 3F 00 00 00", -2f, 0.5f)]
    [DataRow("<f8", "00 00 00 00 00 00 00 C0 00 00 00 00 00 00 E0 3F", -2f, 0.5f)]
    [DataRow(">f8", "C0 00 00 00 00 00 00 00 3F E0 00 00 00 00 00 00", -2f, 0.5f)]
    public void Numbers_of_every_type_and_byte_order_become_floats(string type, string bytes, float first, float second)
    {
        using var folder = new TemporaryFolder();
        var data = bytes.Split(' ').Select(value => byte.Parse(value, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToArray();
        var path = folder.Write("data.npy", Npy.Bytes(Npy.Dictionary(type, false, 1, 2), data));

        var sample = Samples.Open(path, Samples.Port("x", 1, 2)).All().Single();

        Assert.AreEqual(DataType.Float, sample.Tensor("x").Type);
        CollectionAssert.AreEqual(new[] { first, second }, sample.Values<float>());
    }

    [TestMethod]
    public void Integers_take_the_width_of_the_input_where_they_fit()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("data.npy", Npy.Array<long>([-128, 127, 128], 3));
        var set = Samples.Open(path, new ModelPort("x", DataType.Int8, [-1]));

        var fitting = set.Read([0, 1]).ToList();

        Assert.AreEqual(-128, fitting[0].Values<sbyte>()[0]);
        Assert.AreEqual(127, fitting[1].Values<sbyte>()[0]);
        Samples.Refused(DiagnosticCodes.DataTypeMismatch, path, "sample 2", () => set.All());
    }

    [TestMethod]
    public void A_boolean_input_takes_zero_and_one()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("data.npy", Npy.Array<int>([0, 1, 2], 3));
        var set = Samples.Open(path, new ModelPort("x", DataType.Bool, [-1]));

        CollectionAssert.AreEqual(new byte[] { 0, 1 }, set.Read([0, 1]).Select(sample => sample.Values<byte>()[0]).ToArray());
        Samples.Refused(DiagnosticCodes.DataTypeMismatch, path, "sample 2", () => set.All());
    }

    [TestMethod]
    public void A_half_precision_input_takes_floats()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("data.npy", Npy.Array([0.1f, -2f], 1, 2));

        var sample = Samples.Open(path, new ModelPort("x", DataType.Float16, [1, 2])).All().Single();

        CollectionAssert.AreEqual(new[] { (Half)0.1f, (Half)(-2f) }, sample.Values<Half>());
    }

    [TestMethod]
    public void A_fixed_batch_is_filled_with_copies_of_the_sample()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("data.npy", Npy.Array([1f, 2f, 3f, 4f], 2, 2));

        var samples = Samples.Open(path, Samples.Port("x", 3, 2)).All();

        CollectionAssert.AreEqual(new long[] { 3, 2 }, samples[1].Tensor("x").Shape);
        CollectionAssert.AreEqual(new float[] { 3, 4, 3, 4, 3, 4 }, samples[1].Values<float>());
    }

    [TestMethod]
    [DataRow("2,3", "2,3", DisplayName = "an input without a batch axis")]
    [DataRow("1,2,3", "1,2,3", DisplayName = "a batch axis inside the sample")]
    [DataRow("-1,2,3", "1,2,3", DisplayName = "a dynamic batch axis inside the sample")]
    public void An_array_with_one_axis_more_holds_the_whole_input_in_a_row(string model, string sampleShape)
    {
        using var folder = new TemporaryFolder();
        var shape = sampleShape.Split(',').Select(long.Parse).ToArray();
        var path = folder.Write("data.npy", Npy.Array(Numbers, [4, .. shape]));

        var samples = Samples.Open(path, Samples.Port("x", [.. model.Split(',').Select(long.Parse)])).All();

        CollectionAssert.AreEqual(shape, samples[2].Tensor("x").Shape);
        CollectionAssert.AreEqual(Numbers[12..18], samples[2].Values<float>());
    }

    [TestMethod]
    public void Several_inputs_are_read_side_by_side()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("data.npz", Npy.Archive(CompressionLevel.Optimal, ("scope/mask:0", Npy.Array<bool>([true, false, true], 3, 1)), ("ids", Npy.Array<int>([1, 2, 3, 4, 5, 6], 3, 2))));

        var samples = Samples.Open(path, new ModelPort("ids", DataType.Int64, [-1, -1]), Samples.Port("scope/mask:0", -1, 1)).All();

        CollectionAssert.AreEqual(new long[] { 3, 4 }, samples[1].Values<long>("ids"));
        CollectionAssert.AreEqual(new float[] { 1 }, samples[2].Values<float>("scope/mask:0"));
        Assert.IsNull(samples[0].Label);
    }

    [TestMethod]
    public void The_only_array_may_have_numpys_default_name()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("data.npz", Npy.Archive(("arr_0", Npy.Array([1f, 2f], 2, 1))));

        Assert.AreEqual(2, Samples.Open(path, Samples.Port("x", -1, 1)).Count);
    }

    [TestMethod]
    public void An_input_may_be_called_labels()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("data.npz", Npy.Archive(("labels", Npy.Array([1f, 2f], 2, 1))));

        var set = Samples.Open(path, Samples.Port("labels", -1, 1));

        Assert.IsFalse(set.HasLabels);
        CollectionAssert.AreEqual(new[] { 2f }, set.All()[1].Values<float>("labels"));
    }

    [TestMethod]
    public void Labels_may_be_a_column()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("data.npz", Npy.Archive(("x", Npy.Array([1f, 2f], 2, 1)), ("labels", Npy.Array<byte>([7, 9], 2, 1))));

        CollectionAssert.AreEqual(new int?[] { 7, 9 }, Samples.Open(path, Samples.Port("x", -1, 1)).All().Select(sample => sample.Label).ToArray());
    }

    [TestMethod]
    public void Files_and_folders_make_one_set_in_the_order_given_and_by_name()
    {
        using var folder = new TemporaryFolder();
        var last = folder.Write("first.npy", Npy.Array([5f, 6f], 2, 1));
        folder.Write("parts/b.npy", Npy.Array([3f, 4f], 2, 1));
        folder.Write("parts/a.npz", Npy.Archive(("x", Npy.Array([1f, 2f], 2, 1))));

        var set = SampleSet.Open([folder.File("parts") + Path.DirectorySeparatorChar, last], Samples.Ports(Samples.Port("x", -1, 1)), new ImageOptions());

        Assert.AreEqual(6, set.Count);
        CollectionAssert.AreEqual(new[] { 1f, 2f, 3f, 4f, 5f, 6f }, set.All().Select(sample => sample.Values<float>()[0]).ToArray());
        var mixed = set.Read([5, 0, 3, 2]).ToList();
        CollectionAssert.AreEqual(new[] { 5, 0, 3, 2 }, mixed.Select(sample => sample.Index).ToArray());
        CollectionAssert.AreEqual(new[] { 6f, 1f, 4f, 3f }, mixed.Select(sample => sample.Values<float>()[0]).ToArray());
    }
}
