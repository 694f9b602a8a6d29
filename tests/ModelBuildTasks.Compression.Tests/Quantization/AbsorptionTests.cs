using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Quantization;

[TestClass]
public sealed class AbsorptionTests
{
    [TestMethod]
    public void A_Relu_gives_its_range_to_the_convolution_before_it()
    {
        using var quantized = QuantizedModel.Static(Clipped("Relu", ["c"]));

        Assert.AreEqual(0, quantized.Count("Relu"));
        var quantizer = quantized.Graph.Node.Single(node => node.OpType == "QuantizeLinear" && node.Output[0] == "r_q");
        Assert.AreEqual(0, quantized.Tensor(quantizer.Input[2]).RawData[0]);
        Assert.AreEqual(quantized.Ranges["r"].Maximum / 255, BitConverter.ToSingle(quantized.Tensor(quantizer.Input[1]).RawData.Span), 1e-6f);
        quantized.AssertRuns("QLinearConv", "QLinearConv");
        quantized.AssertSqnr(30);
    }

    [TestMethod]
    public void A_Clip_around_zero_is_absorbed()
    {
        using var quantized = QuantizedModel.Static(Clipped("Clip", ["c", "zero", "one"]).Constant("zero", [0f]).Constant("one", [1f]));

        Assert.AreEqual(0, quantized.Count("Clip"));
        quantized.AssertRuns("QLinearConv", "QLinearConv");
        quantized.AssertDoesNotRun("Clip");
        quantized.AssertSqnr(30);
    }

    [TestMethod]
    public void A_Clip_of_an_old_operator_set_is_absorbed()
    {
        using var quantized = QuantizedModel.Static(Clipped("Clip", ["c"], 10, ("min", 0f), ("max", 1f)));

        Assert.AreEqual(0, quantized.Count("Clip"));
        quantized.AssertRuns("QLinearConv", "QLinearConv");
        quantized.AssertSqnr(30);
    }

    [TestMethod]
    public void A_Clip_that_leaves_zero_out_stays()
    {
        using var quantized = QuantizedModel.Static(Clipped("Clip", ["c", "half"]).Constant("half", [0.5f]));

        Assert.AreEqual(1, quantized.Count("Clip"));
        quantized.AssertRuns("QLinearConv", "Clip", "QLinearConv");
        quantized.AssertSqnr(30);
    }

    [TestMethod]
    public void A_Clip_with_computed_bounds_stays()
    {
        using var quantized = QuantizedModel.Static(Clipped("Clip", ["c", "", "bound"]).Node("ReduceMax", ["x"], ["bound"], ("keepdims", 0)));

        Assert.AreEqual(1, quantized.Count("Clip"));
        quantized.AssertRuns("QLinearConv", "QLinearConv");
        quantized.AssertSqnr(30);
    }

    [TestMethod]
    public void A_Relu_stays_where_its_input_has_another_reader()
    {
        using var quantized = QuantizedModel.Static(Clipped("Relu", ["c"]).Node("Abs", ["c"], ["z"]).Output("z"));

        Assert.AreEqual(1, quantized.Count("Relu"));
        quantized.AssertRuns("QLinearConv", "QLinearConv");
        quantized.AssertSqnr(30);
    }

    [TestMethod]
    public void A_Relu_stays_where_its_input_is_an_output_of_the_model()
    {
        using var quantized = QuantizedModel.Static(Clipped("Relu", ["c"]).Output("c"));

        Assert.AreEqual(1, quantized.Count("Relu"));
        Assert.IsTrue(quantized.Graph.Output.Any(output => output.Name == "c"));
        quantized.AssertRuns("QLinearConv", "QLinearConv");
        quantized.AssertSqnr(30);
    }

    [TestMethod]
    public void A_Relu_whose_result_is_an_output_of_the_model_is_absorbed_and_the_output_stays()
    {
        using var quantized = QuantizedModel.Static(Clipped("Relu", ["c"]).Output("r"));

        Assert.AreEqual(0, quantized.Count("Relu"));
        Assert.IsTrue(quantized.Graph.Output.Any(output => output.Name == "r"));
        quantized.AssertSqnr(30);
    }

    [TestMethod]
    public void A_Relu_behind_a_sum_of_int8_branches_is_absorbed()
    {
        var builder = Clipped("Relu", ["c"]).Constant("u", RandomTensors.Weight(7, 16, 32, 1, 1))
            .Node("Add", ["r", "y"], ["s"]).Node("Relu", ["s"], ["t"]).Node("Conv", ["t", "u"], ["q"], "third").Output("q");

        using var quantized = QuantizedModel.Static(builder);

        Assert.AreEqual(0, quantized.Count("Relu"));
        quantized.AssertRuns("QLinearConv", "QLinearConv", "QLinearAdd", "QLinearConv");
        quantized.AssertSqnr(28);
    }

    [TestMethod]
    public void A_Relu_of_nothing_but_zeros_still_clips()
    {
        var builder = ModelBuilder.Create().Input("x", 1, 16, 4, 4).Output("y")
            .Constant("w", RandomTensors.Weight(1, 16, 16, 1, 1)).Constant("b", [.. Enumerable.Repeat(-100f, 16)], 16).Constant("v", RandomTensors.Weight(2, 16, 16, 1, 1)).Constant("d", RandomTensors.Row(3, 16))
            .Node("Conv", ["x", "w", "b"], ["c"], "first").Node("Relu", ["c"], ["r"]).Node("Conv", ["r", "v", "d"], ["y"], "second");

        using var quantized = QuantizedModel.Static(builder);

        quantized.AssertRuns("QLinearConv", "QLinearConv");
        quantized.AssertSqnr(30);
    }

    private static ModelBuilder Clipped(string operation, string[] inputs, int opset = 13, params (string, object)[] attributes) => ModelBuilder.Create(opset)
        .Input("x", 1, 16, 8, 8).Output("y")
        .Constant("w", RandomTensors.Weight(1, 32, 16, 3, 3)).Constant("b", RandomTensors.Row(2, 32)).Constant("v", RandomTensors.Weight(3, 32, 32, 1, 1))
        .Node("Conv", ["x", "w", "b"], ["c"], "first").Node(operation, inputs, ["r"], "clip", attributes).Node("Conv", ["r", "v"], ["y"], "second");
}
