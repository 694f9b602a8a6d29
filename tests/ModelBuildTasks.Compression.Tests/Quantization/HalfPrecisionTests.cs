using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Float16;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Quantization;

/// <summary>What becomes float16, what stays float and where conversions stand.</summary>
[TestClass]
public sealed class HalfPrecisionTests
{
    private const double LeastDb = 55;

    [TestMethod]
    [DataRow(7)]
    [DataRow(11)]
    [DataRow(13)]
    [DataRow(21)]
    public void A_network_computes_in_float16_between_one_conversion_of_its_input_and_one_of_its_output(int opset)
    {
        using var half = QuantizedModel.Half(ModelBuilder.Create(opset, irVersion: opset > 20 ? 10 : 8).Input("x", 1, 3, 8, 8).Output("y")
            .Constant("w", RandomTensors.Weight(1, 16, 3, 3, 3)).Constant("b", RandomTensors.Row(2, 16)).Constant("v", RandomTensors.Weight(3, 576, 10)).Constant("c", RandomTensors.Row(4, 10))
            .Node("Conv", ["x", "w", "b"], ["p"], "conv").Node("Relu", ["p"], ["r"], "relu").Node("Flatten", ["r"], ["f"], "flatten").Node("Gemm", ["f", "v", "c"], ["y"], "gemm"));

        Assert.AreEqual("float16", half.Layer("conv").Format);
        Assert.AreEqual("float16", half.Layer("gemm").Format);
        CollectionAssert.AreEqual(new[] { "Cast", "Conv", "Relu", "Flatten", "Gemm", "Cast" }, Operations(half));
        Assert.IsTrue(half.Graph.Initializer.All(tensor => tensor.ElementType() == DataType.Float16));
        AssertPorts(half);
        half.AssertSqnr(LeastDb);
    }

    [TestMethod]
    public void A_layer_reports_its_bytes_and_the_error_of_its_weights()
    {
        using var half = QuantizedModel.Half(ModelBuilder.Create().Input("x", 4, 24).Output("y").Constant("w", RandomTensors.Weight(1, 24, 24)).Constant("b", RandomTensors.Row(2, 24)).Node("Gemm", ["x", "w", "b"], ["y"], "gemm"));

        var layer = half.Layer("gemm");
        Assert.AreEqual(600 * 4, layer.BytesBefore);
        Assert.AreEqual(600 * 2, layer.BytesAfter);
        Assert.IsInRange(70, 78, layer.SqnrDb!.Value);
        Assert.IsNull(layer.Reason);
    }

    [TestMethod]
    public void A_residual_network_converts_a_value_once_for_all_its_readers()
    {
        using var half = QuantizedModel.Half(ModelBuilder.Create().Input("x", 1, 16, 6, 6).Output("y").Constant("w", RandomTensors.Weight(1, 16, 16, 1, 1)).Constant("v", RandomTensors.Weight(2, 16, 16, 1, 1))
            .Node("Conv", ["x", "w"], ["p"], "first").Node("Relu", ["p"], ["r"]).Node("Conv", ["r", "v"], ["q"], "second").Node("Add", ["q", "x"], ["s"]).Node("Add", ["s", "r"], ["y"]));

        Assert.AreEqual(2, half.Count("Cast"));
        half.AssertSqnr(LeastDb);
    }

    [TestMethod]
    public void A_value_that_float_operators_read_too_is_converted_back_once()
    {
        using var half = QuantizedModel.Half(Matrix().Node("Softplus", ["p"], ["e"], "exp").Node("Pow", ["p", "two"], ["s"], "square").Constant("two", [2f]).Node("Add", ["e", "s"], ["t"], "sum").Node("Identity", ["t"], ["y"]).Output("y"));

        CollectionAssert.AreEqual(new[] { "Cast", "MatMul", "Cast", "Softplus", "Pow", "Add", "Identity" }, Operations(half));
        StringAssert.StartsWith(half.Trace("exp"), "float: ordinary inputs take its result out of the range");
        StringAssert.StartsWith(half.Trace("sum"), "float: no layer in float16");
        half.AssertSqnr(LeastDb);
    }

    [TestMethod]
    public void Values_cross_into_a_subgraph_as_float_and_its_layers_compute_in_float16_inside()
    {
        var branch = ModelBuilder.Subgraph(graph => graph.Constant("v", RandomTensors.Weight(2, 24, 24)).Node("MatMul", ["p", "v"], ["inner"], "hidden").Output("inner"));
        var other = ModelBuilder.Subgraph(graph => graph.Node("Neg", ["p"], ["negative"], "other").Output("negative"));
        using var half = QuantizedModel.Half(Matrix().Constant("bound", [2.4f]).Node("ReduceMax", ["x"], ["m"], ("keepdims", 0)).Node("Less", ["m", "bound"], ["d"])
            .Node("If", ["d"], ["z"], "choice", ("then_branch", branch), ("else_branch", other)).Node("Relu", ["z"], ["y"], "behind").Output("y"));

        Assert.AreEqual("float16", half.Layer("matmul").Format);
        Assert.AreEqual("float16", half.Layer("hidden").Format);
        var inside = half.Graph.Node.Single(node => node.OpType == "If").Attribute.Single(attribute => attribute.Name == "then_branch").G;
        CollectionAssert.AreEqual(new[] { "Cast", "MatMul", "Cast" }, inside.Node.Select(node => node.OpType).ToArray());
        Assert.AreEqual(DataType.Float16, inside.Initializer.Single().ElementType());
        Assert.AreEqual("float: ", half.Trace("choice")[..7]);
        half.AssertSqnr(LeastDb);
    }

    [TestMethod]
    public void A_weight_outside_that_a_subgraph_reads_too_is_stored_once()
    {
        var branch = ModelBuilder.Subgraph(graph => graph.Node("MatMul", ["p", "w"], ["inner"], "hidden").Output("inner"));
        var other = ModelBuilder.Subgraph(graph => graph.Node("Neg", ["p"], ["negative"]).Output("negative"));
        using var half = QuantizedModel.Half(Matrix().Constant("bound", [2.4f]).Node("ReduceMax", ["x"], ["m"], ("keepdims", 0)).Node("Less", ["m", "bound"], ["d"])
            .Node("If", ["d"], ["y"], ("then_branch", branch), ("else_branch", other)).Output("y"));

        Assert.AreEqual(DataType.Float16, half.Graph.Initializer.Single(tensor => tensor.ElementCount() == 24 * 24).ElementType());
        half.AssertSqnr(LeastDb);
    }

    [TestMethod]
    [DataRow(10)]
    [DataRow(11)]
    [DataRow(13)]
    [DataRow(19)]
    public void Resize_takes_float16_with_scales_that_stay_float(int opset)
    {
        string[] inputs = opset == 10 ? ["p", "scales"] : ["p", "region", "scales"];
        using var half = QuantizedModel.Half(ModelBuilder.Create(opset).Input("x", 1, 16, 4, 4).Output("y").Constant("w", RandomTensors.Weight(1, 16, 16, 1, 1)).Constant("scales", [1f, 1f, 2f, 2f], 4).Constant("region", (float[])[], 0)
            .Node("Conv", ["x", "w"], ["p"]).Node("Resize", inputs, ["u"], ("mode", "linear")).Node("Conv", ["u", "w"], ["y"]));

        Assert.AreEqual(DataType.Float, half.Tensor("scales").ElementType());
        Assert.AreEqual(2, half.Count("Cast"));
        half.AssertSqnr(LeastDb);
    }

    [TestMethod]
    [DataRow(70_000f, "reaches 7E+04, beyond the 65504")]
    [DataRow(-1e37f, "reaches 1E+37, beyond the 65504")]
    public void A_layer_with_a_weight_that_overflows_stays_float(float large, string reason)
    {
        var weight = RandomTensors.Weight(1, 24, 24);
        float[] values = [.. weight.Singles()[1..], large];
        using var half = QuantizedModel.Half(Matrix().Constant("v", values, 24, 24).Node("MatMul", ["x", "v"], ["q"], "large").Output("q").Output("p"));

        Assert.AreEqual("float", half.Layer("large").Format);
        StringAssert.Contains(half.Layer("large").Reason, reason);
        Assert.AreEqual("float16", half.Layer("matmul").Format);
        half.AssertSqnr(LeastDb);
    }

    [TestMethod]
    public void A_weight_that_just_rounds_to_the_largest_float16_is_stored()
    {
        var largest = MathF.BitDecrement(65520f);
        Assert.IsNull(new HalfConstants().WhyNot("w", TensorValues.Create("w", [largest])));
        Assert.IsNotNull(new HalfConstants().WhyNot("w", TensorValues.Create("w", [65520f])));
    }

    [TestMethod]
    [DataRow(1e-5)]
    [DataRow(1e-9)]
    public void A_layer_whose_weights_would_lose_their_digits_stays_float(double deviation)
    {
        var small = RandomTensors.Singles(new Random(1), 24 * 24, deviation);
        using var half = QuantizedModel.Half(Matrix().Constant("v", small, 24, 24).Node("MatMul", ["x", "v"], ["q"], "small").Output("q").Output("p"));

        StringAssert.Contains(half.Layer("small").Reason, "so small that float16 leaves");
        Assert.AreEqual("float16", half.Layer("matmul").Format);
    }

    [TestMethod]
    public void A_small_constant_that_is_added_stays_float()
    {
        using var half = QuantizedModel.Half(Matrix().Constant("epsilon", [1e-6f]).Node("Relu", ["p"], ["r"]).Node("Add", ["r", "epsilon"], ["a"], "add").Node("Log", ["a"], ["y"]).Output("y"));

        StringAssert.Contains(half.Trace("add"), "float16 leaves");
    }

    [TestMethod]
    public void An_infinite_constant_is_as_infinite_in_float16()
    {
        using var half = QuantizedModel.Half(Matrix().Constant("mask", [0f, float.NegativeInfinity], 2).Node("Reshape", ["p", "shape"], ["s"]).Constant("shape", [48L, 2L], 2)
            .Node("Add", ["s", "mask"], ["a"], "add").Node("Softmax", ["a"], ["t"], "softmax").Node("MatMul", ["t", "u"], ["y"]).Constant("u", RandomTensors.Weight(5, 2, 24)).Output("y"));

        Assert.AreEqual("float16: ", half.Trace("softmax"));
        half.AssertSqnr(45);
    }

    [TestMethod]
    public void KeepFloat_nodes_stay_float_between_conversions()
    {
        using var half = QuantizedModel.Half(Matrix().Node("Relu", ["p"], ["r"]).Constant("v", RandomTensors.Weight(2, 24, 24)).Node("MatMul", ["r", "v"], ["q"], "kept").Constant("u", RandomTensors.Weight(3, 24, 24))
            .Node("MatMul", ["q", "u"], ["y"], "last").Output("y"), "ke?t");

        CollectionAssert.AreEqual(new[] { "Cast", "MatMul", "Relu", "Cast", "MatMul", "Cast", "MatMul", "Cast" }, Operations(half));
        Assert.AreEqual("KeepFloat names it", half.Layer("kept").Reason);
        Assert.AreEqual("float: KeepFloat names it", half.Trace("kept"));
        Assert.AreEqual(DataType.Float, half.Tensor("v").ElementType());
        half.AssertSqnr(LeastDb);
    }

    [TestMethod]
    public void A_weight_that_a_kept_layer_shares_is_stored_in_both_forms()
    {
        using var half = QuantizedModel.Half(Matrix().Node("MatMul", ["p", "w"], ["y"], "kept").Output("y"), "kept");

        CollectionAssert.AreEquivalent(new[] { DataType.Float, DataType.Float16 }, half.Graph.Initializer.Select(tensor => tensor.ElementType()).ToArray());
        CollectionAssert.AreEqual(RandomTensors.Weight(1, 24, 24).Singles().ToArray(), half.Tensor("w").Singles().ToArray());
        half.AssertSqnr(LeastDb);
    }

    [TestMethod]
    public void A_table_that_is_the_last_matrix_too_is_stored_once()
    {
        using var half = QuantizedModel.Half(ModelBuilder.Create().Input("x", 4, 24).Constant("table", RandomTensors.Weight(1, 64, 24)).Constant("indices", [3L, 9L, 60L, 1L], 4)
            .Node("Gather", ["table", "indices"], ["g"], "lookup").Node("Add", ["g", "x"], ["a"]).Node("Transpose", ["table"], ["t"], "turn", ("perm", new[] { 1, 0 })).Node("MatMul", ["a", "t"], ["y"], "last").Output("y"));

        Assert.AreEqual(DataType.Float16, half.Graph.Initializer.Single(tensor => tensor.Dims.Count == 2).ElementType());
        Assert.AreEqual("float16", half.Layer("lookup").Format);
        Assert.AreEqual("float16", half.Layer("last").Format);
        Assert.AreEqual(64 * 24 * 2, half.Layer("last").BytesAfter);
        half.AssertSqnr(LeastDb);
    }

    [TestMethod]
    public void What_gives_and_takes_an_activation_beyond_the_range_stays_float()
    {
        using var half = QuantizedModel.Half(Matrix().Constant("far", [20_000f]).Node("Mul", ["p", "far"], ["l"], "enlarge").Constant("v", RandomTensors.Weight(2, 24, 24)).Node("MatMul", ["l", "v"], ["q"], "taker")
            .Constant("near", [1e-3f]).Node("Mul", ["q", "near"], ["n"], "reduce").Constant("u", RandomTensors.Weight(3, 24, 24)).Node("MatMul", ["n", "u"], ["y"], "last").Output("y"));

        Assert.AreEqual("float16", half.Layer("matmul").Format);
        StringAssert.Contains(half.Trace("enlarge"), "'l' reaches");
        StringAssert.Contains(half.Layer("taker").Reason, "reaches");
        StringAssert.Contains(half.Trace("reduce"), "'q' reaches");
        Assert.AreEqual("float16", half.Layer("last").Format);
        half.AssertSqnr(LeastDb);
    }

    [TestMethod]
    public void Sums_squares_and_quotients_of_a_normalization_stay_float()
    {
        using var half = QuantizedModel.Half(Matrix().Node("ReduceMean", ["p"], ["mean"], "mean", ("axes", new[] { -1 })).Node("Sub", ["p", "mean"], ["d"], "difference").Node("Mul", ["d", "d"], ["s"], "square")
            .Node("ReduceMean", ["s"], ["variance"], "variance", ("axes", new[] { -1 })).Constant("epsilon", [1e-5f]).Node("Add", ["variance", "epsilon"], ["e"], "add").Node("Sqrt", ["e"], ["deviation"], "root")
            .Node("Div", ["d", "deviation"], ["n"], "quotient").Node("MatMul", ["n", "w"], ["y"], "last").Output("y"));

        foreach (var name in (string[])["mean", "square", "variance", "add", "root", "quotient"])
        {
            StringAssert.StartsWith(half.Trace(name), "float: ", name);
        }

        Assert.AreEqual("float16", half.Layer("last").Format);
        half.AssertSqnr(LeastDb);
    }

    [TestMethod]
    public void A_softmax_is_float16_between_layers_and_float_where_it_is_a_result()
    {
        using var half = QuantizedModel.Half(Matrix().Node("Softmax", ["p"], ["s"], "inside").Node("MatMul", ["s", "w"], ["q"], "last").Node("Softmax", ["q"], ["y"], "result").Output("y"));

        Assert.AreEqual("float16: ", half.Trace("inside"));
        Assert.AreEqual("float: its small shares would become 0", half.Trace("result"));
        half.AssertSqnr(50);
    }

    [TestMethod]
    public void A_model_in_float16_stays_as_it_is()
    {
        var weight = TensorValues.Create("w", DataType.Float16, Google.Protobuf.ByteString.CopyFrom(new byte[24 * 24 * 2]), 24, 24);
        using var half = QuantizedModel.Half(ModelBuilder.Create().Input("x", 4, 24).Constant("w", weight).Node("Cast", ["x"], ["h"], ("to", (int)DataType.Float16)).Node("MatMul", ["h", "w"], ["p"], "matmul")
            .Node("Cast", ["p"], ["y"], ("to", (int)DataType.Float)).Output("y"));

        Assert.AreEqual("float", half.Layer("matmul").Format);
        Assert.AreEqual("its input 'h' is Float16", half.Layer("matmul").Reason);
        CollectionAssert.AreEqual(new[] { "Cast", "MatMul", "Cast" }, Operations(half));
    }

    [TestMethod]
    public void Conversions_of_the_model_itself_are_not_doubled()
    {
        // Bytes that become float, float that becomes float16 or an integer: each in one step.
        using var half = QuantizedModel.Half(Matrix().Constant("zero", [0f]).Node("Greater", ["x", "zero"], ["g"]).Node("Cast", ["g"], ["mask"], ("to", (int)DataType.Float)).Node("Mul", ["p", "mask"], ["m"])
            .Node("Cast", ["m"], ["i"], ("to", (int)DataType.Int32)).Node("Cast", ["i"], ["back"], ("to", (int)DataType.Float)).Node("MatMul", ["back", "w"], ["y"], "last").Output("y"));

        Assert.AreEqual(5, half.Count("Cast"));
        var casts = half.Graph.Node.Where(node => node.OpType == "Cast").ToDictionary(node => node.Output[0]);
        Assert.IsFalse(casts.Values.Any(cast => casts.ContainsKey(cast.Input[0]) && casts[cast.Input[0]].Attribute[0].I != (long)DataType.Int32));
        half.AssertSqnr(40);
    }

    [TestMethod]
    public void Operators_of_other_domains_and_their_types_stay_untouched()
    {
        using var half = QuantizedModel.Half(Matrix().Node("com.microsoft", "Gelu", ["p"], ["g"], "gelu").Node("MatMul", ["g", "w"], ["y"], "last").Inner("g", 4, 24).Output("y"));

        CollectionAssert.AreEqual(new[] { "Cast", "MatMul", "Cast", "Gelu", "Cast", "MatMul", "Cast" }, Operations(half));
        Assert.AreEqual("float: its operator is one of 'com.microsoft'", half.Trace("gelu"));
        half.AssertSqnr(LeastDb);
    }

    [TestMethod]
    public void A_value_of_unknown_type_is_left_alone()
    {
        using var half = QuantizedModel.Half(Matrix().Node("com.microsoft", "Gelu", ["p"], ["g"], "gelu").Node("MatMul", ["g", "w"], ["y"], "last").Output("y"));

        Assert.AreEqual("the type of its input 'g' is not known", half.Layer("last").Reason);
    }

    [TestMethod]
    [DataRow(13, true)]
    [DataRow(14, false)]
    [DataRow(15, false)]
    public void A_batch_normalization_is_float16_where_its_variance_can_stay_float(int opset, bool isFloat)
    {
        using var half = QuantizedModel.Half(ModelBuilder.Create(opset).Input("x", 1, 16, 4, 4).Output("y").Constant("w", RandomTensors.Weight(1, 16, 16, 1, 1)).Constant("scale", RandomTensors.Row(2, 16))
            .Constant("bias", RandomTensors.Row(3, 16)).Constant("mean", RandomTensors.Row(4, 16)).Constant("variance", [.. Enumerable.Repeat(0.5f, 16)], 16)
            .Node("Conv", ["x", "w"], ["p"]).Node("Relu", ["p"], ["r"]).Node("BatchNormalization", ["r", "scale", "bias", "mean", "variance"], ["y"], "norm"));

        StringAssert.StartsWith(half.Trace("norm"), isFloat ? "float: in opset 13" : "float16: ");
        Assert.AreEqual(DataType.Float, half.Tensor("variance").ElementType());
        half.AssertSqnr(LeastDb);
    }

    [TestMethod]
    public void A_recurrent_layer_keeps_its_lengths_as_integers()
    {
        using var half = QuantizedModel.Half(ModelBuilder.Create(14).Input("x", 5, 1, 8).Constant("w", RandomTensors.Weight(1, 1, 32, 8)).Constant("r", RandomTensors.Weight(2, 1, 32, 8)).Constant("lengths", TensorValues.Create("", (ReadOnlySpan<int>)[5], 1))
            .Node("LSTM", ["x", "w", "r", "", "lengths"], ["y", "h"], "lstm", ("hidden_size", 8)).Output("y").Output("h"));

        Assert.AreEqual("float16", half.Layer("lstm").Format);
        Assert.AreEqual(3, half.Count("Cast"));
        Assert.AreEqual(DataType.Int32, half.Tensor("lengths").ElementType());
        half.AssertSqnr(50);
    }

    [TestMethod]
    public void Two_runs_write_the_same_bytes()
    {
        using var first = QuantizedModel.Half(Matrix().Node("Relu", ["p"], ["y"]).Output("y"));
        using var second = QuantizedModel.Half(Matrix().Node("Relu", ["p"], ["y"]).Output("y"));

        CollectionAssert.AreEqual(first.Bytes, second.Bytes);
    }

    private static ModelBuilder Matrix() => ModelBuilder.Create().Input("x", 4, 24).Constant("w", RandomTensors.Weight(1, 24, 24)).Node("MatMul", ["x", "w"], ["p"], "matmul");

    private static string[] Operations(QuantizedModel model) => [.. model.Graph.Node.Select(node => node.OpType)];

    private static void AssertPorts(QuantizedModel model)
        => Assert.IsTrue(model.Graph.Input.Concat(model.Graph.Output).All(port => port.Type.TensorType.ElemType == (int)DataType.Float));
}
