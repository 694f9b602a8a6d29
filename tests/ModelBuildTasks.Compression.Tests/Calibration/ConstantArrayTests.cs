using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Calibration;

/// <summary>Arrays that are given once for all samples of a .npz file.</summary>
[TestClass]
public sealed class ConstantArrayTests
{
    private static readonly ModelPort Rate = new("rate", DataType.Int64, []);
    private static readonly byte[] ThreeRows = Npy.Array([1f, 2, 3], 3, 1);

    [TestMethod]
    public void A_number_without_axes_holds_for_all_samples() => AssertRates([16000, 16000, 16000], Npy.Array([16000L]));

    [TestMethod]
    public void A_number_may_have_an_axis_of_one() => AssertRates([16000, 16000, 16000], Npy.Array([16000L], 1));

    [TestMethod]
    public void A_number_for_each_sample_stays_one_for_each() => AssertRates([1, 2, 3], Npy.Array([1L, 2, 3], 3));

    [TestMethod]
    public void An_array_of_the_inputs_own_shape_holds_for_all_samples()
    {
        using var folder = new TemporaryFolder();
        float[] values = [1, 2, 3, 4, 5, 6, 7, 8];
        var path = folder.Write("data.npz", Npy.Archive(("x", ThreeRows), ("h", Npy.Array(values, 2, 1, 4)), ("g", Npy.FortranArray(values, 2, 1, 4))));

        var samples = Samples.Open(path, Samples.Port("x", -1, 1), Samples.Port("h", 2, 1, 4), Samples.Port("g", 2, 1, 4)).All();

        Assert.HasCount(3, samples);
        foreach (var sample in samples)
        {
            CollectionAssert.AreEqual(new long[] { 2, 1, 4 }, sample.Tensor("h").Shape);
            CollectionAssert.AreEqual(values, sample.Values<float>("h"));
            CollectionAssert.AreEqual(values, sample.Values<float>("g"));
        }
    }

    [TestMethod]
    public void Whole_inputs_of_different_first_axes_are_one_sample()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("data.npz", Npy.Archive(("x", Npy.Array([1f, 2, 3], 1, 3)), ("h", Npy.Array([4f, 5], 2, 1))));

        var sample = Samples.Open(path, Samples.Port("x", 1, 3), Samples.Port("h", 2, 1)).All().Single();

        CollectionAssert.AreEqual(new float[] { 1, 2, 3 }, sample.Values<float>());
        CollectionAssert.AreEqual(new float[] { 4, 5 }, sample.Values<float>("h"));
    }

    [TestMethod]
    public void A_number_alone_is_a_sample_of_a_model_that_takes_one()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("data.npy", Npy.Array([2.5f]));

        CollectionAssert.AreEqual(new[] { 2.5f }, Samples.Open(path, Samples.Port("x")).All().Single().Values<float>());
    }

    [TestMethod]
    public void An_optional_input_may_be_left_out_but_not_everything()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("data.npz", Npy.Archive(("x", ThreeRows)));
        var empty = folder.Write("empty.npz", Npy.Archive());

        Assert.HasCount(1, Samples.Open(path, Samples.Port("x", -1, 1), Samples.Port("mask", -1, 1) with { IsOptional = true }).All()[0].Inputs);
        Samples.Refused(DiagnosticCodes.DataNameMismatch, empty, "'mask'", () => Samples.Open(empty, Samples.Port("mask", -1, 1) with { IsOptional = true }));
    }

    [TestMethod]
    public void Labels_do_not_stand_in_the_way()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("data.npz", Npy.Archive(("x", ThreeRows), ("rate", Npy.Array([8000L])), ("labels", Npy.Array([2L, 1, 0], 3))));

        CollectionAssert.AreEqual(new int?[] { 2, 1, 0 }, Samples.Open(path, Samples.Port("x", -1, 1), Rate).All().ConvertAll(sample => sample.Label));
    }

    [TestMethod]
    public void Another_number_of_rows_is_neither()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("data.npz", Npy.Archive(("x", ThreeRows), ("rate", Npy.Array([1L, 2], 2))));

        Samples.Refused(DiagnosticCodes.DataShapeMismatch, path, "array 'rate' has 2 samples, but array 'x' has 3. Give every input the same number of samples, or once, in the input's own shape [], what holds for all samples", () => Samples.Open(path, Samples.Port("x", -1, 1), Rate));
    }

    [TestMethod]
    public void A_constant_is_finite_and_fits_its_type()
    {
        using var folder = new TemporaryFolder();
        var infinite = folder.Write("infinite.npz", Npy.Archive(("x", ThreeRows), ("h", Npy.Array([1f, float.NaN], 2))));
        var large = folder.Write("large.npz", Npy.Archive(("x", ThreeRows), ("rate", Npy.Array([ulong.MaxValue]))));

        Samples.Refused(DiagnosticCodes.DataNotFinite, infinite, "array 'h'", () => Samples.Open(infinite, Samples.Port("x", -1, 1), Samples.Port("h", 2)).All());
        Samples.Refused(DiagnosticCodes.DataTypeMismatch, large, "array 'rate'", () => Samples.Open(large, Samples.Port("x", -1, 1), Rate).All());
    }

    private static void AssertRates(long[] expected, byte[] rate)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("data.npz", Npy.Archive(("x", ThreeRows), ("rate", rate)));

        var samples = Samples.Open(path, Samples.Port("x", -1, 1), Rate).All();

        Assert.IsTrue(samples.TrueForAll(sample => sample.Tensor("rate").Shape.Length == 0));
        CollectionAssert.AreEqual(expected, samples.ConvertAll(sample => sample.Values<long>("rate").Single()));
    }
}
