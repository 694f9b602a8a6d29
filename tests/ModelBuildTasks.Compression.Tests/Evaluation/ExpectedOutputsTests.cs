using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Evaluation;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Reporting;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Evaluation;

/// <summary>Both models against the outputs that samples bring.</summary>
[TestClass]
public sealed class ExpectedOutputsTests
{
    [TestMethod]
    public void An_original_that_gives_what_is_expected_has_200_decibels_and_the_compressed_model_the_distance_between_both()
    {
        using var pair = ModelPair.Scaled(1, 0.9f);

        var comparison = pair.Compare(new InMemorySamples([[3, 4]], expected: [Y(3f, 4)]));

        // Of the energy 25 the compressed model loses 0.4².
        Assert.AreEqual(1, comparison.Expected!.Samples);
        Assert.AreEqual(200, comparison.Expected.OriginalSqnrDb);
        Assert.AreEqual(10 * Math.Log10(25 / 0.16), comparison.Expected.CompressedSqnrDb, 1e-4);
        Assert.AreEqual(comparison.SqnrDb!.Value, comparison.Expected.CompressedSqnrDb, 1e-9);
    }

    [TestMethod]
    public void A_shifted_output_is_as_far_as_its_shift()
    {
        using var pair = ModelPair.Scaled(1, 0.5f);

        var expected = pair.Compare(new InMemorySamples([[3, 4]], expected: [Y(3f, 3)])).Expected!;

        // 9 + 9 against the error 1 of the original, which gives 3 and 4, and the error 1 of the compressed model, which gives 3 and 2.
        Assert.AreEqual(10 * Math.Log10(18), expected.OriginalSqnrDb, 1e-9);
        Assert.AreEqual(10 * Math.Log10(18), expected.CompressedSqnrDb, 1e-9);
    }

    [TestMethod]
    public void Samples_that_expect_nothing_do_not_count()
    {
        using var pair = ModelPair.Scaled(1, 1);

        var expected = pair.Compare(new InMemorySamples([[3, 4], [1, 2], [5, 6]], expected: [Y(3f, 3), null, Y(5f, 6)])).Expected!;

        Assert.AreEqual(2, expected.Samples);
        Assert.AreEqual(10 * Math.Log10(18 + 61), expected.OriginalSqnrDb, 1e-9);
    }

    [TestMethod]
    public void Without_expected_outputs_there_is_no_result()
    {
        using var pair = ModelPair.Scaled(1, 1);

        Assert.IsNull(pair.Compare(new InMemorySamples([[3, 4]])).Expected);
    }

    [TestMethod]
    public void An_output_of_another_length_is_all_noise()
    {
        using var pair = ModelPair.Scaled(1, 1);

        var expected = pair.Compare(new InMemorySamples([[3, 4]], expected: [Y(3f, 4, 5, 6)])).Expected!;

        Assert.AreEqual(0, expected.OriginalSqnrDb);
    }

    [TestMethod]
    public void Places_where_nothing_finite_is_expected_are_left_out()
    {
        using var pair = ModelPair.Scaled(1, 1);

        Assert.AreEqual(200, pair.Compare(new InMemorySamples([[3, 4]], expected: [Y(3f, float.NaN)])).Expected!.OriginalSqnrDb);
    }

    [TestMethod]
    public void Halves_and_doubles_are_compared_as_floats()
    {
        using var pair = ModelPair.Scaled(1, 1);

        Assert.AreEqual(200, pair.Compare(new InMemorySamples([[3, 0.1f]], expected: [Of(DataType.Double, [3.0, 0.1])])).Expected!.OriginalSqnrDb);
        Assert.AreEqual(200, pair.Compare(new InMemorySamples([[3, 0.5f]], expected: [Of(DataType.Float16, [(Half)3, (Half)0.5])])).Expected!.OriginalSqnrDb);
    }

    [TestMethod]
    [DataRow(39.9)]
    [DataRow(-200)]
    public void An_original_below_40_decibels_is_warned_of(double originalDb)
    {
        var warning = ExpectedAgreement.Check(new ExpectedReport(7, originalDb, 200)).Single();

        Assert.AreEqual(DiagnosticCodes.ExpectedOutputsDiffer, warning.Code);
        Assert.Contains(originalDb.ToString("0.0", System.Globalization.CultureInfo.InvariantCulture) + " dB", warning.Message);
        Assert.DoesNotContain("\n", warning.Message);
    }

    [TestMethod]
    public void An_original_that_gives_what_is_expected_is_not_warned_of_however_far_the_compressed_model_is()
    {
        Assert.IsEmpty(ExpectedAgreement.Check(new ExpectedReport(7, 40, 3)));
        Assert.IsEmpty(ExpectedAgreement.Check(null));
    }

    private static Dictionary<string, TensorValue> Y(params float[] values) => Of(DataType.Float, values);

    private static Dictionary<string, TensorValue> Of<T>(DataType type, T[] values)
        where T : unmanaged => new() { ["y"] = new TensorValue(type, [1, values.Length], MemoryMarshal.AsBytes<T>(values).ToArray()) };
}
