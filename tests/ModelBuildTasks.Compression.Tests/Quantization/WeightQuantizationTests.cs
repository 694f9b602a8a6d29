using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Quantization;

[TestClass]
public sealed class WeightQuantizationTests
{
    [TestMethod]
    [DataRow("Conv")]
    [DataRow("ConvTranspose")]
    [DataRow("Gemm")]
    [DataRow("GemmTransposed")]
    [DataRow("MatMul")]
    [DataRow("MatMulStacked")]
    [DataRow("LSTM")]
    [DataRow("GRU")]
    [DataRow("RNN")]
    [DataRow("Gather")]
    public void Weights_are_a_quarter_of_their_size_and_restored_once_when_the_model_is_loaded(string operation)
    {
        using var quantized = QuantizedModel.WeightsOnly(Layer(operation));

        var layer = quantized.Layer("layer");
        Assert.AreEqual("int8-weights", layer.Format);
        Assert.IsNull(layer.Reason);
        Assert.IsLessThan(0.3, (double)layer.BytesAfter / layer.BytesBefore);
        Assert.IsLessThan(0.33, (double)quantized.Bytes.Length / quantized.FloatBytes);
        Assert.IsGreaterThan(38, layer.SqnrDb!.Value);
        quantized.AssertDoesNotRun("Cast", "Mul", "DequantizeLinear");
        quantized.AssertSqnr(34);
    }

    [TestMethod]
    public void Each_direction_and_row_of_a_recurrent_layer_has_its_own_scale()
    {
        using var quantized = QuantizedModel.WeightsOnly(Layer("LSTM"));

        CollectionAssert.AreEqual(new long[] { 2, 96, 1 }, quantized.Tensor("w_s").Dims.ToArray());
        CollectionAssert.AreEqual(new long[] { 2, 96, 1 }, quantized.Tensor("r_s").Dims.ToArray());
    }

    [TestMethod]
    public void A_weight_that_two_nodes_would_outweigh_stays_float()
    {
        var builder = ModelBuilder.Create().Input("x", 1, 2, 4, 4).Output("y").Constant("w", RandomTensors.Weight(1, 4, 2, 1, 1)).Node("Conv", ["x", "w"], ["y"], "small");

        using var quantized = QuantizedModel.WeightsOnly(builder);

        Assert.AreEqual("float", quantized.Layer("small").Format);
        StringAssert.Contains(quantized.Layer("small").Reason, "too small");
        Assert.AreEqual(quantized.FloatBytes, quantized.Bytes.LongLength);
    }

    [TestMethod]
    [DataRow(40)]
    [DataRow(60)]
    [DataRow(80)]
    [DataRow(100)]
    [DataRow(200)]
    public void The_file_never_grows(int elements)
    {
        var builder = ModelBuilder.Create().Input("x", 1, elements / 4).Output("y").Constant("w", RandomTensors.Weight(1, elements / 4, 4)).Node("MatMul", ["x", "w"], ["y"], "m");

        using var quantized = QuantizedModel.WeightsOnly(builder);

        Assert.IsLessThanOrEqualTo(quantized.FloatBytes, quantized.Bytes.LongLength);
    }

    [TestMethod]
    public void A_weight_in_an_unnamed_Constant_node_is_found()
    {
        var builder = ModelBuilder.Create(11).Input("x", 1, 16, 8, 8).Output("y").ConstantNode("w", RandomTensors.Weight(1, 32, 16, 3, 3)).Node("Conv", ["x", "w"], ["y"], "");

        using var quantized = QuantizedModel.WeightsOnly(builder);

        Assert.AreEqual("int8-weights", quantized.Layer("y").Format);
        Assert.AreEqual(0, quantized.Count("Constant"));
        Assert.IsLessThan(0.33, (double)quantized.Bytes.Length / quantized.FloatBytes);
        quantized.AssertSqnr(35);
    }

    [TestMethod]
    public void A_shared_weight_is_stored_once()
    {
        var builder = ModelBuilder.Create().Input("x", 1, 16, 8, 8).Output("y").Constant("w", RandomTensors.Weight(1, 16, 16, 3, 3))
            .Node("Conv", ["x", "w"], ["c"], "first").Node("Conv", ["c", "w"], ["y"], "second");

        using var quantized = QuantizedModel.WeightsOnly(builder);

        Assert.IsTrue(quantized.Layers.All(layer => layer.Format == "int8-weights"));
        Assert.AreEqual(1, quantized.Count("Cast"));
        quantized.AssertSqnr(33);
    }

    [TestMethod]
    public void A_weight_that_a_caller_may_override_stays_float()
    {
        var builder = ModelBuilder.Create().Input("x", 1, 16, 8, 8).Input("w", 32, 16, 3, 3).Output("y").Constant("w", RandomTensors.Weight(1, 32, 16, 3, 3)).Node("Conv", ["x", "w"], ["y"], "conv");

        using var weights = QuantizedModel.WeightsOnly(builder);
        using var quantized = QuantizedModel.Static(builder);

        Assert.AreEqual("float", weights.Layer("conv").Format);
        StringAssert.Contains(weights.Layer("conv").Reason, "is an input");
        Assert.AreEqual("float", quantized.Layer("conv").Format);
        StringAssert.Contains(quantized.Layer("conv").Reason, "is an input");
    }

    [TestMethod]
    [DataRow(7)]
    [DataRow(9)]
    [DataRow(13)]
    [DataRow(21)]
    public void Any_operator_set_restores_its_weights(int opset)
    {
        var builder = ModelBuilder.Create(opset, opset > 17 ? 10 : 8).Input("x", 1, 16, 8, 8).Output("y").Constant("w", RandomTensors.Weight(1, 32, 16, 3, 3)).Node("Conv", ["x", "w"], ["y"], "conv");

        using var quantized = QuantizedModel.WeightsOnly(builder);

        Assert.AreEqual("int8-weights", quantized.Layer("conv").Format);
        quantized.AssertDoesNotRun("Cast", "Mul");
        quantized.AssertSqnr(35);
    }

    private static ModelBuilder Layer(string operation)
    {
        var builder = ModelBuilder.Create().Output("y");
        return operation switch
        {
            "Conv" => builder.Input("x", 1, 16, 8, 8).Constant("w", RandomTensors.Weight(1, 32, 16, 3, 3)).Node("Conv", ["x", "w"], ["y"], "layer"),
            "ConvTranspose" => builder.Input("x", 1, 16, 8, 8).Constant("w", RandomTensors.Weight(1, 16, 32, 3, 3)).Node("ConvTranspose", ["x", "w"], ["y"], "layer", ("group", 2)),
            "Gemm" => builder.Input("x", 4, 48).Constant("w", RandomTensors.Weight(1, 48, 32)).Node("Gemm", ["x", "w"], ["y"], "layer"),
            "GemmTransposed" => builder.Input("x", 4, 48).Constant("w", RandomTensors.Weight(1, 32, 48)).Node("Gemm", ["x", "w"], ["y"], "layer", ("transB", 1)),
            "MatMul" => builder.Input("x", 2, 4, 48).Constant("w", RandomTensors.Weight(1, 48, 32)).Node("MatMul", ["x", "w"], ["y"], "layer"),
            "MatMulStacked" => builder.Input("x", 3, 4, 48).Constant("w", RandomTensors.Weight(1, 3, 48, 32)).Node("MatMul", ["x", "w"], ["y"], "layer"),
            "Gather" => builder.Input("x", 4, 48).Input("ids", DataType.Int64, 4).Constant("w", RandomTensors.Weight(1, 100, 48)).Node("Gather", ["w", "ids"], ["e"], "layer").Node("Add", ["x", "e"], ["y"]),
            _ => Recurrent(builder, operation, operation switch { "LSTM" => 4, "GRU" => 3, _ => 1 }),
        };
    }

    private static ModelBuilder Recurrent(ModelBuilder builder, string operation, int gates) => builder.Input("x", 5, 2, 40)
        .Constant("w", RandomTensors.Weight(1, 2, gates * 24, 40)).Constant("r", RandomTensors.Weight(2, 2, gates * 24, 24))
        .Node(operation, ["x", "w", "r"], ["y"], "layer", ("hidden_size", 24), ("direction", "bidirectional"));
}
