using System.Runtime.InteropServices;
using ModelBuildTasks.Corpus.Tests.Models;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Corpus.Tests;

/// <summary>The judge of the other tests: a wrong result must not pass.</summary>
[TestClass]
public sealed class ToleranceTests
{
    [TestMethod]
    public void An_error_of_a_tenth_is_within_the_tolerance_of_bytes() =>
        Assert.IsNull(Floats(1, -1, 1, -1).Defect(Floats(1.1f, -1.1f, 0.9f, -0.9f)));

    [TestMethod]
    public void An_error_of_a_quarter_is_not() =>
        Assert.AreEqual("output 'y': SQNR 12.0 dB, cosine 0.9701", Floats(1, -1, 1, -1).Defect(Floats(1.25f, -1.25f, 0.75f, -0.75f)));

    [TestMethod]
    public void Another_shape_is_not() =>
        Assert.AreEqual("output 'y' Float[4] became 'y' Float[3]", Floats(1, 2, 3, 4).Defect(Floats(1, 2, 3)));

    [TestMethod]
    public void What_is_no_number_is_not() => Assert.IsNotNull(Floats(1, 2).Defect(Floats(1, float.NaN)));

    [TestMethod]
    public void Of_integers_nine_of_ten_must_be_equal()
    {
        var ten = new ModelOutput("y", DataType.Uint8, [10], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);

        Assert.IsNull(ten.Defect(ten with { Bytes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 0] }));
        Assert.IsNotNull(ten.Defect(ten with { Bytes = [1, 2, 3, 4, 5, 6, 7, 8, 0, 0] }));
    }

    [TestMethod]
    public void The_same_model_elsewhere_may_differ_in_the_last_digits_only()
    {
        Assert.IsNull(ModelOutput.Difference(Floats(1, -1), Floats(1.0005f, -1)));
        Assert.IsNotNull(ModelOutput.Difference(Floats(1, -1), Floats(1.01f, -1)));
    }

    private static ModelOutput Floats(params float[] values) => new("y", DataType.Float, [values.Length], MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
}
