using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Quantization;

[TestClass]
public sealed class ConvolutionTests
{
    [TestMethod]
    [DataRow(1, true)]
    [DataRow(2, true)]
    [DataRow(3, true)]
    [DataRow(1, false)]
    [DataRow(2, false)]
    [DataRow(3, false)]
    public void Convolutions_of_one_to_three_dimensions_become_integer_convolutions(int dimensions, bool bias)
    {
        long[] space = [.. Enumerable.Repeat(7L, dimensions)];
        long[] kernel = [.. Enumerable.Repeat(3L, dimensions)];
        var builder = ModelBuilder.Create()
            .Input("x", [2, 16, .. space]).Output("y")
            .Constant("w", RandomTensors.Weight(1, [24, 16, .. kernel])).Constant("b", RandomTensors.Row(2, 24))
            .Node("Conv", bias ? ["x", "w", "b"] : ["x", "w"], ["y"], "conv");

        using var quantized = QuantizedModel.Static(builder);

        Assert.AreEqual("int8", quantized.Layer("conv").Format);
        quantized.AssertRuns("QLinearConv");
        quantized.AssertSqnr(33);
    }

    [TestMethod]
    [DataRow("SAME_UPPER")]
    [DataRow("SAME_LOWER")]
    [DataRow("VALID")]
    public void Automatic_padding_stays_as_it_is(string padding)
    {
        var builder = Convolution([32, 16, 3, 3], ("auto_pad", padding), ("strides", new[] { 2, 2 }));

        using var quantized = QuantizedModel.Static(builder);

        quantized.AssertRuns("QLinearConv");
        quantized.AssertSqnr(33);
    }

    [TestMethod]
    public void Dilations_and_pads_stay_as_they_are()
    {
        using var quantized = QuantizedModel.Static(Convolution([32, 16, 3, 3], ("dilations", new[] { 2, 1 }), ("pads", new[] { 1, 0, 2, 1 })));

        quantized.AssertRuns("QLinearConv");
        quantized.AssertSqnr(33);
    }

    [TestMethod]
    public void Grouped_convolutions_have_one_scale_for_each_output_channel()
    {
        using var quantized = QuantizedModel.Static(Convolution([32, 4, 3, 3], ("group", 4)));

        Assert.AreEqual(32, quantized.Tensor("w_s").Dims[0]);
        quantized.AssertRuns("QLinearConv");
        quantized.AssertSqnr(33);
    }

    [TestMethod]
    public void A_depthwise_convolution_between_int8_convolutions_is_int8()
    {
        using var quantized = QuantizedModel.Static(Separable(32));

        Assert.AreEqual("int8", quantized.Layer("depthwise").Format);
        quantized.AssertRuns("QLinearConv", "QLinearConv", "QLinearConv");
        quantized.AssertSqnr(28);
    }

    [TestMethod]
    public void A_first_convolution_begins_the_integer_region()
    {
        var builder = ModelBuilder.Create()
            .Input("x", 1, 3, 24, 24).Output("y")
            .Constant("w1", RandomTensors.Weight(1, 16, 3, 7, 7)).Constant("w2", RandomTensors.Weight(2, 16, 16, 3, 3))
            .Node("Conv", ["x", "w1"], ["c"], "first").Node("Relu", ["c"], ["r"]).Node("MaxPool", ["r"], ["p"], ("kernel_shape", new[] { 3, 3 }), ("strides", new[] { 2, 2 }), ("pads", new[] { 1, 1, 1, 1 }))
            .Node("Conv", ["p", "w2"], ["d"], "second", ("pads", new[] { 1, 1, 1, 1 })).Node("Add", ["d", "p"], ["s"]).Node("Relu", ["s"], ["t"]).Node("Conv", ["t", "w2"], ["y"], "third");

        using var quantized = QuantizedModel.Static(builder);

        quantized.AssertRuns("QuantizeLinear", "QLinearConv", "NhwcMaxPool", "QLinearConv", "QLinearAdd", "QLinearConv");
        quantized.AssertSqnr(27);
    }

    [TestMethod]
    [DataRow("HardSwish", 14)]
    [DataRow("HardSigmoid", 13)]
    [DataRow("Sigmoid", 13)]
    public void An_activation_that_no_connector_is_stands_between_integer_convolutions(string activation, int opset)
    {
        var builder = ModelBuilder.Create(opset)
            .Input("x", 1, 16, 8, 8).Output("y")
            .Constant("w", RandomTensors.Weight(1, 32, 16, 3, 3)).Constant("v", RandomTensors.Weight(2, 32, 32, 3, 3))
            .Node("Conv", ["x", "w"], ["c"], "conv").Node(activation, ["c"], ["a"]).Node("Conv", ["a", "v"], ["y"], "last");

        using var quantized = QuantizedModel.Static(builder);

        Assert.IsTrue(quantized.Layers.All(layer => layer.Format == "int8"));
        quantized.AssertRuns("QLinearConv", "QLinearConv");
        quantized.AssertSqnr(28);
    }

    [TestMethod]
    public void A_computed_bias_keeps_the_activations_float()
    {
        var builder = ModelBuilder.Create()
            .Input("x", 1, 16, 8, 8).Input("b", 32).Output("y")
            .Constant("w", RandomTensors.Weight(1, 32, 16, 3, 3))
            .Node("Conv", ["x", "w", "b"], ["y"], "conv");

        using var quantized = QuantizedModel.Static(builder);

        Assert.AreEqual("int8-weights", quantized.Layer("conv").Format);
        StringAssert.Contains(quantized.Layer("conv").Reason, "bias 'b'");
        quantized.AssertSqnr(33);
    }

    [TestMethod]
    public void A_transposed_convolution_keeps_float_activations()
    {
        var builder = ModelBuilder.Create()
            .Input("x", 1, 16, 8, 8).Output("y")
            .Constant("w", RandomTensors.Weight(1, 16, 8, 3, 3))
            .Node("ConvTranspose", ["x", "w"], ["y"], "up", ("group", 2));

        using var quantized = QuantizedModel.Static(builder);

        Assert.AreEqual("int8-weights", quantized.Layer("up").Format);
        StringAssert.Contains(quantized.Layer("up").Reason, "ConvTranspose");
        quantized.AssertDoesNotRun("QuantizeLinear", "DequantizeLinear", "Cast");
        quantized.AssertSqnr(33);
    }

    [TestMethod]
    [DataRow("Conv")]
    [DataRow("ConvTranspose")]
    public void A_layer_that_KeepFloat_names_runs_in_float_between_int8_layers(string operation)
    {
        var builder = ModelBuilder.Create()
            .Input("x", 1, 16, 10, 10).Output("y")
            .Constant("w1", RandomTensors.Weight(1, 32, 16, 1, 1)).Constant("w2", RandomTensors.Weight(2, 32, 32, 3, 3)).Constant("w3", RandomTensors.Weight(3, 32, 32, 1, 1))
            .Node("Conv", ["x", "w1"], ["c1"], "first").Node("Relu", ["c1"], ["r1"])
            .Node(operation, ["r1", "w2"], ["c2"], "kept").Node("Relu", ["c2"], ["r2"])
            .Node("Conv", ["r2", "w3"], ["y"], "last");

        using var quantized = QuantizedModel.Static(builder, "kep?");

        Assert.AreEqual("float", quantized.Layer("kept").Format);
        Assert.AreEqual("KeepFloat names it", quantized.Layer("kept").Reason);
        Assert.HasCount(32 * 32 * 9 * sizeof(float), quantized.Tensor("w2").RawData.ToByteArray());
        quantized.AssertRuns("QLinearConv", operation, "QLinearConv");
        quantized.AssertSqnr(30);
    }

    private static ModelBuilder Convolution(long[] weight, params (string, object)[] attributes) => ModelBuilder.Create()
        .Input("x", 2, 16, 9, 9).Output("y")
        .Constant("w", RandomTensors.Weight(1, weight)).Constant("b", RandomTensors.Row(2, weight[0]))
        .Node("Conv", ["x", "w", "b"], ["y"], "conv", attributes);

    private static ModelBuilder Separable(int channels) => ModelBuilder.Create()
        .Input("x", 1, 16, 10, 10).Output("y")
        .Constant("w1", RandomTensors.Weight(1, channels, 16, 1, 1)).Constant("w2", RandomTensors.Weight(2, channels, 1, 3, 3)).Constant("w3", RandomTensors.Weight(3, 32, channels, 1, 1))
        .Node("Conv", ["x", "w1"], ["c1"], "expand").Node("Relu", ["c1"], ["r1"])
        .Node("Conv", ["r1", "w2"], ["c2"], "depthwise", ("group", channels)).Node("Relu", ["c2"], ["r2"])
        .Node("Conv", ["r2", "w3"], ["y"], "project");
}
