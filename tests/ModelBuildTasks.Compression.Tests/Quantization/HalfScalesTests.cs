using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Quantization;

[TestClass]
public sealed class HalfScalesTests
{
    [TestMethod]
    public void Scales_become_the_nearest_numbers_of_16_bits()
    {
        // 0.1 lies between 1638 and 1639 times 2⁻¹⁴, nearer to the first.
        var rounded = HalfScales.Rounded([.. Enumerable.Repeat(0.1f, 32)]);

        Assert.AreEqual(1638f / 16384, rounded[0]);
        Assert.IsTrue(HalfScales.Fit(rounded));
    }

    [TestMethod]
    [DataRow(31, 0.1f)]
    [DataRow(32, 1e-5f)]
    [DataRow(32, 70000f)]
    public void Too_few_too_small_and_too_large_ones_stay_as_they_are(int count, float scale)
    {
        float[] scales = [.. Enumerable.Repeat(scale, count)];

        Assert.AreSame(scales, HalfScales.Rounded(scales));
        Assert.IsFalse(HalfScales.Fit(scales));
    }

    [TestMethod]
    public void Weights_are_rounded_to_the_scales_that_are_stored_and_lose_nothing_by_it()
    {
        using var many = QuantizedModel.WeightsOnly(Product(48));

        Assert.AreEqual(48, many.Graph.Initializer.Single(tensor => tensor.ElementType() == DataType.Float16).ElementCount());
        Assert.IsGreaterThan(42.0, many.Layer("product").SqnrDb!.Value);
        CollectionAssert.DoesNotContain(many.Running().ToArray(), "Cast");
    }

    [TestMethod]
    public void A_table_that_is_looked_up_keeps_its_scales()
    {
        using var quantized = QuantizedModel.WeightsOnly(ModelBuilder.Create().Input("x", DataType.Int64, 4).Constant("w", RandomTensors.Weight(1, 200, 64)).Node("Gather", ["w", "x"], ["y"], "table").Output("y", 4, 64));

        Assert.IsFalse(quantized.Graph.Initializer.Any(tensor => tensor.ElementType() == DataType.Float16));
    }

    private static ModelBuilder Product(int channels) =>
        ModelBuilder.Create().Input("x", 4, 64).Constant("w", RandomTensors.Weight(1, 64, channels)).Node("MatMul", ["x", "w"], ["y"], "product").Output("y", 4, channels);
}
