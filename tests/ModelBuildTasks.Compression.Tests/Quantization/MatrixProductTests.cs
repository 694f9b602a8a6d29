using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Quantization;

[TestClass]
public sealed class MatrixProductTests
{
    private const int Inputs = 48;
    private const int Outputs = 20;

    [TestMethod]
    [DataRow(0, 0)]
    [DataRow(1, 0)]
    [DataRow(0, 1)]
    [DataRow(1, 1)]
    public void Gemm_becomes_an_integer_product_with_a_float_result(int transA, int transB)
    {
        using var quantized = QuantizedModel.Static(Gemm([Outputs], ("transA", transA), ("transB", transB)));

        Assert.AreEqual("int8", quantized.Layer("gemm").Format);
        Assert.AreEqual(1, quantized.Count("QuantizeLinear"));
        quantized.AssertRuns("QGemm");
        quantized.AssertDoesNotRun("DequantizeLinear");
        quantized.AssertSqnr(37);
    }

    [TestMethod]
    [DataRow(0.25f, 1f)]
    [DataRow(1f, 3f)]
    [DataRow(2.5f, -0.5f)]
    [DataRow(1f, 0f)]
    [DataRow(-2f, 1f)]
    public void Alpha_and_beta_are_kept_in_the_product(float alpha, float beta)
    {
        using var quantized = QuantizedModel.Static(Gemm([Outputs], ("alpha", alpha), ("beta", beta)));

        quantized.AssertRuns("QGemm");
        quantized.AssertSqnr(37);
    }

    [TestMethod]
    public void An_alpha_of_zero_keeps_the_activations_float()
    {
        using var quantized = QuantizedModel.Static(Gemm([Outputs], ("alpha", 0f)));

        Assert.AreEqual("int8-weights", quantized.Layer("gemm").Format);
        StringAssert.Contains(quantized.Layer("gemm").Reason, "alpha");
        quantized.AssertSqnr(37);
    }

    [TestMethod]
    [DataRow(new long[0])]
    [DataRow(new long[] { 1 })]
    [DataRow(new long[] { 1, 1 })]
    [DataRow(new long[] { 1, Outputs })]
    public void A_bias_of_any_row_like_shape_becomes_an_integer_row(long[] shape)
    {
        using var quantized = QuantizedModel.Static(Gemm(shape, ("beta", 2f)));

        quantized.AssertRuns("QGemm");
        quantized.AssertDoesNotRun("Add", "DequantizeLinear");
        quantized.AssertSqnr(37);
    }

    [TestMethod]
    [DataRow(new long[] { 4, 1 })]
    [DataRow(new long[] { 4, Outputs })]
    public void A_bias_that_differs_from_row_to_row_is_added_in_float(long[] shape)
    {
        using var quantized = QuantizedModel.Static(Gemm(shape, ("beta", 2f)));

        quantized.AssertRuns("QGemm", "Add");
        quantized.AssertSqnr(37);
    }

    [TestMethod]
    public void A_computed_bias_is_added_in_float()
    {
        var builder = ModelBuilder.Create()
            .Input("x", 4, Inputs).Input("c", 4, Outputs).Output("y").Constant("w", RandomTensors.Weight(1, Inputs, Outputs))
            .Node("Gemm", ["x", "w", "c"], ["y"], "gemm");

        using var quantized = QuantizedModel.Static(builder);

        quantized.AssertRuns("QGemm", "Add");
        quantized.AssertSqnr(37);
    }

    [TestMethod]
    public void A_computed_bias_with_a_factor_keeps_the_activations_float()
    {
        var builder = ModelBuilder.Create()
            .Input("x", 4, Inputs).Input("c", 4, Outputs).Output("y").Constant("w", RandomTensors.Weight(1, Inputs, Outputs))
            .Node("Gemm", ["x", "w", "c"], ["y"], "gemm", ("beta", 2f));

        using var quantized = QuantizedModel.Static(builder);

        Assert.AreEqual("int8-weights", quantized.Layer("gemm").Format);
        quantized.AssertDoesNotRun("DequantizeLinear");
        quantized.AssertSqnr(37);
    }

    [TestMethod]
    [DataRow(new long[] { 5, Inputs })]
    [DataRow(new long[] { 2, 5, Inputs })]
    [DataRow(new long[] { 2, 3, 5, Inputs })]
    public void MatMul_with_a_constant_matrix_becomes_an_integer_product_with_a_float_result(long[] shape)
    {
        var builder = ModelBuilder.Create().Input("x", shape).Output("y").Constant("w", RandomTensors.Weight(1, Inputs, Outputs)).Node("MatMul", ["x", "w"], ["y"], "product");

        using var quantized = QuantizedModel.Static(builder);

        Assert.AreEqual("int8", quantized.Layer("product").Format);
        quantized.AssertRuns(shape.Length == 2 ? "QGemm" : "MatMulIntegerToFloat");
        quantized.AssertDoesNotRun("DequantizeLinear");
        quantized.AssertSqnr(37);
    }

    [TestMethod]
    [DataRow("matrix")]
    [DataRow("static")]
    [DataRow("dynamic")]
    [DataRow("unknown")]
    public void MatMul_with_a_bias_behind_it_never_restores_its_weight_on_a_run(string rank)
    {
        using var quantized = QuantizedModel.Static(Biased(rank, "Add", swapped: false));

        Assert.AreEqual("int8", quantized.Layer("product").Format);
        quantized.AssertRuns(rank == "matrix" ? "QGemm" : "MatMulIntegerToFloat");
        quantized.AssertDoesNotRun("DequantizeLinear", "Gemm", "MatMul");
        quantized.AssertSqnr(37);
    }

    [TestMethod]
    [DataRow("matrix")]
    [DataRow("static")]
    [DataRow("dynamic")]
    [DataRow("unknown")]
    public void The_bias_may_be_the_first_operand(string rank)
    {
        using var quantized = QuantizedModel.Static(Biased(rank, "Add", swapped: true));

        quantized.AssertRuns(rank == "matrix" ? "QGemm" : "MatMulIntegerToFloat");
        quantized.AssertDoesNotRun("DequantizeLinear", "Gemm", "MatMul");
        quantized.AssertSqnr(37);
    }

    [TestMethod]
    [DataRow(2)]
    [DataRow(3)]
    public void A_residual_sum_behind_a_MatMul_stays_float_and_apart(int rank)
    {
        long[] rows = rank == 2 ? [4] : [2, 4];
        var builder = ModelBuilder.Create()
            .Input("x", [.. rows, Inputs]).Input("r", [.. rows, Outputs]).Output("y").Constant("w", RandomTensors.Weight(1, Inputs, Outputs))
            .Node("MatMul", ["x", "w"], ["m"], "product").Node("Add", ["m", "r"], ["y"]);

        using var quantized = QuantizedModel.Static(builder);

        quantized.AssertRuns(rank == 2 ? "QGemm" : "MatMulIntegerToFloat", "Add");
        quantized.AssertSqnr(37);
    }

    [TestMethod]
    public void A_residual_sum_behind_a_MatMul_of_unknown_rank_keeps_the_activations_float()
    {
        var builder = UnknownRank().Input("r", 4, Outputs).Node("MatMul", ["u", "w"], ["m"], "product").Node("Add", ["m", "r"], ["y"]);

        using var quantized = QuantizedModel.Static(builder);

        Assert.AreEqual("int8-weights", quantized.Layer("product").Format);
        StringAssert.Contains(quantized.Layer("product").Reason, "rank");
        quantized.AssertDoesNotRun("DequantizeLinear");
        quantized.AssertSqnr(37);
    }

    [TestMethod]
    public void A_rank_that_calibration_saw_is_as_good_as_one_that_the_file_tells()
    {
        var builder = UnknownRank().Input("r", 4, Outputs).Node("MatMul", ["u", "w"], ["m"], "product").Node("Add", ["m", "r"], ["y"]);

        using var quantized = QuantizedModel.StaticWithRanks(builder);

        Assert.AreEqual("int8", quantized.Layer("product").Format);
        quantized.AssertRuns("QGemm", "Add");
        quantized.AssertSqnr(37);
    }

    [TestMethod]
    public void A_MatMul_of_two_activations_stays_float()
    {
        var builder = ModelBuilder.Create().Input("a", 4, 8).Input("b", 8, 5).Output("y").Node("MatMul", ["a", "b"], ["y"], "attention");

        using var quantized = QuantizedModel.Static(builder);

        Assert.AreEqual("float", quantized.Layer("attention").Format);
        Assert.AreEqual(0, quantized.Count("QuantizeLinear"));
    }

    [TestMethod]
    [DataRow("Gemm")]
    [DataRow("MatMul")]
    public void Between_two_products_the_activation_is_stored_as_bytes_and_its_Relu_is_absorbed(string operation)
    {
        var builder = ModelBuilder.Create()
            .Input("x", 4, Inputs).Output("y").Constant("w", RandomTensors.Weight(1, Inputs, 32)).Constant("v", RandomTensors.Weight(2, 32, Outputs))
            .Node(operation, ["x", "w"], ["m"], "first").Node("Relu", ["m"], ["r"]).Node(operation, ["r", "v"], ["y"], "second");

        using var quantized = QuantizedModel.Static(builder);

        Assert.AreEqual(0, quantized.Count("Relu"));
        quantized.AssertRuns("QGemm", "QGemm", "QuantizeLinear");
        quantized.AssertSqnr(33);
    }

    [TestMethod]
    public void A_Relu_that_a_float_operator_reads_too_stays()
    {
        var builder = ModelBuilder.Create()
            .Input("x", 4, Inputs).Output("y").Output("z").Constant("w", RandomTensors.Weight(1, Inputs, 32)).Constant("b", RandomTensors.Row(3, 32)).Constant("v", RandomTensors.Weight(2, 32, Outputs))
            .Node("Gemm", ["x", "w", "b"], ["m"], "first").Node("Relu", ["m"], ["r"]).Node("Gemm", ["r", "v"], ["y"], "second").Node("Exp", ["r"], ["z"]);

        using var quantized = QuantizedModel.StaticFor(DeviceProfiles.FullRange, builder);

        Assert.AreEqual(1, quantized.Count("LeakyRelu"));
        quantized.AssertRuns("QGemm", "QGemm");
        quantized.AssertSqnr(30);
    }

    [TestMethod]
    [DataRow("Gemm", "Relu", 13)]
    [DataRow("MatMul", "Relu", 13)]
    [DataRow("Gemm", "Clip", 13)]
    [DataRow("MatMul", "Clip", 13)]
    [DataRow("Gemm", "Clip", 9)]
    [DataRow("Gemm", "Relu", 7)]
    [DataRow("MatMul", "Clip", 7)]
    public void A_Relu_or_Clip_between_a_product_and_a_float_operator_does_not_undo_the_fusion(string operation, string clip, int opset)
    {
        var builder = ModelBuilder.Create(opset)
            .Input("x", 2, 4, Inputs).Output("y").Constant("w", RandomTensors.Weight(1, Inputs, Outputs)).Constant("shape", [8L, Inputs], 2);
        builder.Node("Reshape", ["x", "shape"], ["f"]);
        _ = operation == "Gemm" ? builder.Constant("c", RandomTensors.Row(2, Outputs)).Node("Gemm", ["f", "w", "c"], ["m"], "product") : builder.Node("MatMul", ["x", "w"], ["m"], "product");
        _ = clip == "Relu" ? builder.Node("Relu", ["m"], ["r"])
            : opset < 11 ? builder.Node("Clip", ["m"], ["r"], ("min", -0.5f), ("max", 0.75f))
            : builder.Constant("lo", [-0.5f]).Constant("hi", [0.75f]).Node("Clip", ["m", "lo", "hi"], ["r"]);

        using var quantized = QuantizedModel.Static(builder.Node("Abs", ["r"], ["y"]));

        quantized.AssertRuns(operation == "Gemm" ? "QGemm" : "MatMulIntegerToFloat");
        quantized.AssertSqnr(31);
    }

    [TestMethod]
    [DataRow("Relu")]
    [DataRow("Tanh")]
    [DataRow("Sigmoid")]
    [DataRow("LeakyRelu")]
    public void An_activation_behind_the_last_Gemm_stays_float(string activation)
    {
        var builder = ModelBuilder.Create()
            .Input("x", 4, Inputs).Output("y").Constant("w", RandomTensors.Weight(1, Inputs, Outputs)).Constant("b", RandomTensors.Row(3, Outputs))
            .Node("Gemm", ["x", "w", "b"], ["m"], "gemm").Node(activation, ["m"], ["y"]);

        using var quantized = QuantizedModel.Static(builder);

        quantized.AssertRuns("QGemm", activation == "Relu" ? "LeakyRelu" : activation);
        quantized.AssertSqnr(33);
    }

    private static ModelBuilder Gemm(long[] bias, params (string Name, object Value)[] attributes)
    {
        var (transA, transB) = (attributes.Any(attribute => attribute is ("transA", 1)), attributes.Any(attribute => attribute is ("transB", 1)));
        return ModelBuilder.Create()
            .Input("x", transA ? [Inputs, 4] : [4, Inputs]).Output("y")
            .Constant("w", transB ? RandomTensors.Weight(1, Outputs, Inputs) : RandomTensors.Weight(1, Inputs, Outputs)).Constant("c", RandomTensors.Row(2, bias))
            .Node("Gemm", ["x", "w", "c"], ["y"], "gemm", attributes);
    }

    private static ModelBuilder Biased(string rank, string operation, bool swapped)
    {
        var builder = rank switch
        {
            "matrix" => Weighted().Input("u", 4, Inputs),
            "static" => Weighted().Input("u", 2, 4, Inputs),
            "dynamic" => Weighted().Input("u", DataType.Float, "batch", 4, Inputs),
            _ => UnknownRank(),
        };
        return builder.Constant("b", RandomTensors.Row(2, Outputs))
            .Node("MatMul", ["u", "w"], ["m"], "product").Node(operation, swapped ? ["b", "m"] : ["m", "b"], ["y"]);
    }

    private static ModelBuilder Weighted() => ModelBuilder.Create().Output("y").Constant("w", RandomTensors.Weight(1, Inputs, Outputs));

    /// <summary>A matrix of which this library cannot tell the rank, but the runtime can.</summary>
    private static ModelBuilder UnknownRank() => Weighted().Input("x", 4, Inputs).Constant("axes", [0L], 1).Node("Unsqueeze", ["x", "axes"], ["v"]).Node("Squeeze", ["v"], ["u"]);

    [TestMethod]
    public void A_weight_on_the_left_is_stored_as_bytes_with_a_scale_for_each_row()
    {
        var builder = ModelBuilder.Create().Input("x", 24, 5).Output("y").Constant("w", RandomTensors.Weight(1, 48, 24)).Node("MatMul", ["w", "x"], ["y"], "left");

        using var quantized = QuantizedModel.Static(builder);

        Assert.AreEqual("int8-weights", quantized.Layer("left").Format);
        StringAssert.Contains(quantized.Layer("left").Reason, "left");
        Assert.AreEqual("48,1", string.Join(",", quantized.Graph.Initializer.Single(tensor => tensor.ElementCount() == 48).Dims));
        quantized.AssertSqnr(38);
    }

    [TestMethod]
    public void A_product_of_two_constants_is_no_reason_to_fail()
    {
        var builder = ModelBuilder.Create().Input("x", 4, 24).Output("y").Constant("a", RandomTensors.Weight(1, 4, 24)).Constant("b", RandomTensors.Weight(2, 24, 24))
            .Node("MatMul", ["a", "b"], ["c"], "constant").Node("Add", ["x", "c"], ["y"]);

        using var quantized = QuantizedModel.Static(builder);

        quantized.AssertSqnr(33);
    }

    [TestMethod]
    public void Products_behind_a_softmax_take_it_as_shares_of_one_whatever_was_observed()
    {
        var builder = ModelBuilder.Create().Input("x", 4, 24).Output("y").Constant("w", RandomTensors.Weight(1, 24, 24)).Node("Softmax", ["x"], ["s"], ("axis", 1)).Node("MatMul", ["s", "w"], ["y"], "product");

        using var quantized = QuantizedModel.Static(builder);

        var quantize = quantized.Graph.Node.Single(node => node.OpType == "QuantizeLinear");
        Assert.IsLessThan(0.9f, quantized.Ranges["s"].Maximum);
        Assert.AreEqual(1f / 255, quantized.Tensor(quantize.Input[1]).Singles()[0]);
        Assert.AreEqual(0, quantized.Tensor(quantize.Input[2]).Bytes()[0]);
    }
}
