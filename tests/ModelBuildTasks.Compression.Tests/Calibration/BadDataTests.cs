using System.IO.Compression;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Calibration;

/// <summary>What is wrong with calibration data is one line with a code, the file, and what to do.</summary>
[TestClass]
public sealed class BadDataTests
{
    private static readonly byte[] TwoRows = Npy.Array([1f, 2f], 2, 1);

    [TestMethod]
    public void A_missing_file()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("missing.npz");

        Samples.Refused(DiagnosticCodes.DataUnreadable, path, "no such file", () => Samples.Open(path, Samples.Port("x", -1, 1)));
    }

    [TestMethod]
    public void A_file_of_an_unknown_kind()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("data.xyz", [1, 2, 3]);

        Samples.Refused(DiagnosticCodes.DataUnreadable, path, "kind", () => Samples.Open(path, Samples.Port("x", -1, 1)));
    }

    [TestMethod]
    [DataRow("data.npz")]
    [DataRow("data.npy")]
    public void A_file_that_is_not_what_its_name_says(string name)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write(name, "something else"u8);

        Samples.Refused(DiagnosticCodes.DataUnreadable, path, "cannot be read", () => Samples.Open(path, Samples.Port("x", -1, 1)));
    }

    [TestMethod]
    public void An_empty_file()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("data.npy", []);

        Samples.Refused(DiagnosticCodes.DataUnreadable, path, "too early", () => Samples.Open(path, Samples.Port("x", -1, 1)));
    }

    [TestMethod]
    [DataRow("data.npz")]
    [DataRow("data.npy")]
    public void An_array_shorter_than_its_header_says(string name)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write(name, name.EndsWith('y') ? TwoRows[..^1] : Npy.Archive(("x", TwoRows[..^1])));

        Samples.Refused(DiagnosticCodes.DataUnreadable, path, "should have", () => Samples.Open(path, Samples.Port("x", -1, 1)));
    }

    [TestMethod]
    public void A_truncated_archive()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("data.npz", Npy.Archive(("x", TwoRows)).AsSpan()[..^30]);

        Samples.Refused(DiagnosticCodes.DataUnreadable, path, "cannot be read", () => Samples.Open(path, Samples.Port("x", -1, 1)));
    }

    [TestMethod]
    public void A_damaged_archive_entry()
    {
        using var folder = new TemporaryFolder();
        var random = new Random(1);
        var archive = Npy.Archive(CompressionLevel.Optimal, ("x", Npy.Array([.. Enumerable.Range(0, 5000).Select(_ => (float)random.NextDouble())], 5000, 1)));
        archive.AsSpan(2000, 500).Fill(0xFF);
        var path = folder.Write("data.npz", archive);
        var set = Samples.Open(path, Samples.Port("x", -1, 1));

        var exception = Assert.ThrowsExactly<CompressionException>(() => set.All());

        Assert.AreEqual(path, exception.File);
        Assert.Contains(exception.Code, new[] { DiagnosticCodes.DataUnreadable, DiagnosticCodes.DataNotFinite });
    }

    [TestMethod]
    [DataRow("(9223372036854775807, 1)")]
    [DataRow("(1, 9223372036854775807, 9223372036854775807)")]
    [DataRow("(4611686018427387904, 4)")]
    public void A_header_that_claims_more_than_exists(string shape)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("data.npy", Npy.Bytes($"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}", [1, 2, 3, 4]));

        var exception = Assert.ThrowsExactly<CompressionException>(() => Samples.Open(path, Samples.Port("x", -1, 1)));

        Assert.Contains(exception.Code, new[] { DiagnosticCodes.DataUnreadable, DiagnosticCodes.DataShapeMismatch });
    }

    [TestMethod]
    public void An_input_without_an_array()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("data.npz", Npy.Archive(("image", TwoRows)));

        Samples.Refused(DiagnosticCodes.DataNameMismatch, path, "'x'; the file has 'image'", () => Samples.Open(path, Samples.Port("x", -1, 1)));
    }

    [TestMethod]
    public void An_array_that_is_no_input()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("data.npz", Npy.Archive(("x", TwoRows), ("y", TwoRows)));

        Samples.Refused(DiagnosticCodes.DataNameMismatch, path, "'y'", () => Samples.Open(path, Samples.Port("x", -1, 1)));
    }

    [TestMethod]
    public void One_unnamed_array_for_several_inputs()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("data.npy", TwoRows);

        Samples.Refused(DiagnosticCodes.DataNameMismatch, path, "several inputs", () => Samples.Open(path, Samples.Port("x", -1, 1), Samples.Port("y", -1, 1)));
    }

    [TestMethod]
    [DataRow("3,2", "[2, 2, 2]")]
    [DataRow("2", "[2, 2, 2]")]
    [DataRow("1,2,2,2", "[2, 2, 2]")]
    public void A_shape_that_is_not_the_models(string model, string found)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("data.npz", Npy.Archive(("x", Npy.Array(new float[8], 2, 2, 2))));
        long[] shape = [.. model.Split(',').Select(long.Parse)];

        Samples.Refused(DiagnosticCodes.DataShapeMismatch, path, found, () => Samples.Open(path, Samples.Port("x", shape)));
    }

    [TestMethod]
    public void A_shape_mismatch_tells_the_array_what_was_found_and_what_was_expected()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("data.npz", Npy.Archive(("image", Npy.Array(new float[2 * 28 * 28], 2, 28, 28, 1))));

        Samples.Refused(
            DiagnosticCodes.DataShapeMismatch,
            path,
            "array 'image' has the shape [2, 28, 28, 1], but the model's input 'image' takes [?, 1, 28, 28], so [n, 1, 28, 28] with n samples was expected",
            () => Samples.Open(path, Samples.Port("image", -1, 1, 28, 28)));
    }

    [TestMethod]
    public void A_single_number()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("data.npy", Npy.Array([1f]));

        Samples.Refused(DiagnosticCodes.DataShapeMismatch, path, "shape []", () => Samples.Open(path, Samples.Port("x", -1)));
    }

    [TestMethod]
    public void Inputs_with_different_numbers_of_samples()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("data.npz", Npy.Archive(("a", TwoRows), ("b", Npy.Array([1f], 1, 1))));

        Samples.Refused(DiagnosticCodes.DataShapeMismatch, path, "same number", () => Samples.Open(path, Samples.Port("a", -1, 1), Samples.Port("b", -1, 1)));
    }

    [TestMethod]
    [DataRow("<c8", 8)]
    [DataRow("<U4", 16)]
    [DataRow("|O", 8)]
    [DataRow("<M8[s]", 8)]
    [DataRow("|V3", 3)]
    [DataRow("<f16", 16)]
    [DataRow("|i4", 4)]
    public void An_element_type_that_is_no_plain_number(string type, int size)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("data.npy", Npy.Bytes(Npy.Dictionary(type, false, 1, 1), new byte[size]));

        Samples.Refused(DiagnosticCodes.DataTypeMismatch, path, type, () => Samples.Open(path, Samples.Port("x", -1, 1)));
    }

    [TestMethod]
    public void Floats_for_an_input_of_integers()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("data.npy", TwoRows);

        Samples.Refused(DiagnosticCodes.DataTypeMismatch, path, "float32", () => Samples.Open(path, new ModelPort("x", DataType.Int64, [-1, 1])));
    }

    [TestMethod]
    [DataRow(float.NaN)]
    [DataRow(float.PositiveInfinity)]
    [DataRow(float.NegativeInfinity)]
    public void A_value_that_is_not_finite(float value)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("data.npz", Npy.Archive(("x", Npy.Array([1, 2, 3, 4, 5, value], 3, 2))));
        var set = Samples.Open(path, Samples.Port("x", -1, 2));

        Assert.HasCount(2, set.Read([0, 1]).ToList());
        Samples.Refused(DiagnosticCodes.DataNotFinite, path, "array 'x' has a NaN or an infinity (as float) in sample 2, element 1", () => set.All());
    }

    [TestMethod]
    public void A_double_beyond_the_floats()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("data.npy", Npy.Array([1e300], 1, 1));

        Samples.Refused(DiagnosticCodes.DataNotFinite, path, "as float", () => Samples.Open(path, Samples.Port("x", -1, 1)).All());
    }

    [TestMethod]
    [DataRow("data.npz")]
    [DataRow("data.npy")]
    public void No_sample(string name)
    {
        using var folder = new TemporaryFolder();
        var array = Npy.Array<float>([], 0, 3);
        var path = folder.Write(name, name.EndsWith('y') ? array : Npy.Archive(("x", array)));

        Samples.Refused(DiagnosticCodes.DataEmpty, path, "no sample", () => Samples.Open(path, Samples.Port("x", -1, 3)));
    }

    [TestMethod]
    public void An_empty_folder()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("empty");
        Directory.CreateDirectory(path);

        Samples.Refused(DiagnosticCodes.DataEmpty, path, "no sample", () => Samples.Open(path, Samples.Port("x", -1, 3)));
    }

    [TestMethod]
    public void No_path_at_all()
    {
        var exception = Assert.ThrowsExactly<CompressionException>(() => SampleSet.Open([], Samples.Ports(Samples.Port("x", -1)), new ImageOptions()));

        Assert.AreEqual(DiagnosticCodes.DataEmpty, exception.Code);
    }

    [TestMethod]
    public void Fewer_labels_than_samples()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("data.npz", Npy.Archive(("x", TwoRows), ("labels", Npy.Array<int>([1], 1))));

        Samples.Refused(DiagnosticCodes.LabelsMismatch, path, "2 samples", () => Samples.Open(path, Samples.Port("x", -1, 1)));
    }

    [TestMethod]
    public void Labels_with_several_columns()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("data.npz", Npy.Archive(("x", TwoRows), ("labels", Npy.Array<int>([1, 0, 0, 1], 2, 2))));

        Samples.Refused(DiagnosticCodes.LabelsMismatch, path, "[2, 2]", () => Samples.Open(path, Samples.Port("x", -1, 1)));
    }

    [TestMethod]
    public void A_negative_label()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("data.npz", Npy.Archive(("x", TwoRows), ("labels", Npy.Array<sbyte>([0, -3], 2))));

        Samples.Refused(DiagnosticCodes.LabelsMismatch, path, "label -3 at sample 1", () => Samples.Open(path, Samples.Port("x", -1, 1)));
    }

    [TestMethod]
    public void Labels_that_are_no_integers()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("data.npz", Npy.Archive(("x", TwoRows), ("labels", Npy.Array([0f, 1f], 2))));

        Samples.Refused(DiagnosticCodes.DataTypeMismatch, path, "class numbers", () => Samples.Open(path, Samples.Port("x", -1, 1)));
    }

    [TestMethod]
    public void Labels_in_one_file_only()
    {
        using var folder = new TemporaryFolder();
        var labelled = folder.Write("labelled.npz", Npy.Archive(("x", TwoRows), ("labels", Npy.Array<int>([0, 1], 2))));
        var unlabelled = folder.Write("unlabelled.npy", TwoRows);

        Samples.Refused(DiagnosticCodes.LabelsMismatch, unlabelled, "'labelled.npz' has", () => SampleSet.Open([labelled, unlabelled], Samples.Ports(Samples.Port("x", -1, 1)), new ImageOptions()));
    }
}
