using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Quantization;

[TestClass]
public sealed class Int8DynamicTests
{
    [TestMethod]
    [DataRow(7)]
    [DataRow(11)]
    [DataRow(13)]
    [DataRow(21)]
    public void A_product_is_one_operator_on_bytes_at_any_operator_set(int opset)
    {
        var builder = ModelBuilder.Create(opset, opset > 17 ? 10 : 8).Input("x", 2, 3, 256).Output("y").Constant("w", RandomTensors.Weight(1, 256, 256)).Node("MatMul", ["x", "w"], ["y"], "product");

        using var quantized = Dynamic(builder);

        Assert.AreEqual("int8-dynamic", quantized.Layer("product").Format);
        Assert.IsLessThan(0.27, quantized.Bytes.Length / (double)quantized.FloatBytes);
        Assert.IsGreaterThan(38, quantized.Layer("product").SqnrDb!.Value);
        quantized.AssertRuns("DynamicQuantizeMatMul");
        Assert.HasCount(1, quantized.Running());
        quantized.AssertSqnr(35);
    }

    [TestMethod]
    public void The_row_that_is_added_to_a_product_is_added_by_the_operator()
    {
        var builder = ModelBuilder.Create().Input("x", 4, 256).Output("y").Constant("w", RandomTensors.Weight(1, 256, 256)).Constant("b", RandomTensors.Row(2, 256))
            .Node("MatMul", ["x", "w"], ["m"], "product").Node("Add", ["b", "m"], ["y"]);

        using var quantized = Dynamic(builder);

        quantized.AssertRuns("DynamicQuantizeMatMul");
        Assert.HasCount(1, quantized.Running());
        quantized.AssertSqnr(35);
    }

    [TestMethod]
    public void What_is_added_to_a_product_that_others_read_stays_a_sum()
    {
        var builder = ModelBuilder.Create().Input("x", 4, 256).Output("y").Output("m").Constant("w", RandomTensors.Weight(1, 256, 256)).Constant("b", RandomTensors.Row(2, 256))
            .Node("MatMul", ["x", "w"], ["m"], "product").Node("Add", ["b", "m"], ["y"]);

        using var quantized = Dynamic(builder);

        quantized.AssertRuns("DynamicQuantizeMatMul", "Add");
        quantized.AssertSqnr(35);
    }

    [TestMethod]
    [DataRow(0, 1f, 1f)]
    [DataRow(1, 1f, 1f)]
    [DataRow(1, -0.5f, 2f)]
    public void A_Gemm_takes_its_factors_into_scales_and_bias(int transB, float alpha, float beta)
    {
        var builder = ModelBuilder.Create().Input("x", 4, 256).Output("y").Constant("w", RandomTensors.Weight(1, 256, 256)).Constant("b", RandomTensors.Row(2, 256))
            .Node("Gemm", ["x", "w", "b"], ["y"], "product", ("transB", transB), ("alpha", alpha), ("beta", beta));

        using var quantized = Dynamic(builder);

        quantized.AssertRuns("DynamicQuantizeMatMul");
        Assert.HasCount(1, quantized.Running());
        quantized.AssertSqnr(35);
    }

    [TestMethod]
    public void A_matrix_that_a_Gemm_adds_stays_a_sum()
    {
        var builder = ModelBuilder.Create().Input("x", 4, 256).Output("y").Constant("w", RandomTensors.Weight(1, 256, 256)).Constant("c", RandomTensors.Row(2, 4, 256)).Node("Gemm", ["x", "w", "c"], ["y"], "product");

        using var quantized = Dynamic(builder);

        quantized.AssertRuns("DynamicQuantizeMatMul", "Add");
        quantized.AssertSqnr(35);
    }

    [TestMethod]
    [DataRow("forward")]
    [DataRow("reverse")]
    [DataRow("bidirectional")]
    public void An_LSTM_is_one_operator_on_bytes(string direction)
    {
        using var quantized = Dynamic(Lstm("LSTM", 64, direction));

        Assert.AreEqual("int8-dynamic", quantized.Layer("layer").Format);
        Assert.IsLessThan(0.29, quantized.Bytes.Length / (double)quantized.FloatBytes);
        quantized.AssertRuns("DynamicQuantizeLSTM");
        quantized.AssertDoesNotRun("LSTM", "Transpose", "Cast");
        quantized.AssertSqnr(30);
    }

    [TestMethod]
    public void An_LSTM_keeps_its_states_lengths_peepholes_and_attributes()
    {
        var builder = ModelBuilder.Create().Input("x", 5, 2, 80).Input("h", 1, 2, 64).Input("c", 1, 2, 64).Output("y").Output("yh").Output("yc")
            .Constant("w", RandomTensors.Weight(1, 1, 256, 80)).Constant("r", RandomTensors.Weight(2, 1, 256, 64)).Constant("b", RandomTensors.Row(3, 1, 512)).Constant("p", RandomTensors.Row(4, 1, 192))
            .Constant("lengths", TensorValues.Create("lengths", [3, 5], 2))
            .Node("LSTM", ["x", "w", "r", "b", "lengths", "h", "c", "p"], ["y", "yh", "yc"], "layer", ("hidden_size", 64), ("clip", 2f), ("input_forget", 0), ("activations", new[] { "Sigmoid", "Relu", "Tanh" }));

        using var quantized = Dynamic(builder);

        quantized.AssertRuns("DynamicQuantizeLSTM");
        quantized.AssertSqnr(30);
    }

    [TestMethod]
    public void Layers_that_would_not_gain_have_weights_of_bytes_and_the_report_says_why()
    {
        var builder = ModelBuilder.Create().Input("x", 1, 16, 16, 16).Input("s", 5, 2, 80).Output("y").Output("z")
            .Constant("k", RandomTensors.Weight(1, 16, 16, 3, 3)).Constant("w", RandomTensors.Weight(2, 14, 64)).Node("Conv", ["x", "k"], ["c"], "conv").Node("MatMul", ["c", "w"], ["y"], "narrow")
            .Constant("gw", RandomTensors.Weight(1, 1, 192, 80)).Constant("gr", RandomTensors.Weight(2, 1, 192, 64)).Node("GRU", ["s", "gw", "gr"], ["z"], "gru", ("hidden_size", 64));

        using var quantized = Dynamic(builder);
        using var small = Dynamic(Lstm("LSTM", 32, "forward"));

        Assert.IsTrue(quantized.Layers.Concat(small.Layers).All(layer => layer.Format == "int8-weights"));
        Assert.AreEqual("quantizing its input on each run makes convolutions slower", quantized.Layer("conv").Reason);
        Assert.AreEqual("quantizing its input on each run makes a product of 14 × 64 slower", quantized.Layer("narrow").Reason);
        Assert.AreEqual("ONNX Runtime has no GRU on bytes", quantized.Layer("gru").Reason);
        Assert.AreEqual("quantizing its input on each run makes an LSTM of 32 hidden values slower", small.Layer("layer").Reason);
        quantized.AssertDoesNotRun("ConvInteger", "Cast", "Mul", "DynamicQuantizeMatMul");
    }

    [TestMethod]
    public void Many_rows_make_a_small_product_worth_it()
    {
        static ModelBuilder Rows(int rows) => ModelBuilder.Create().Input("x", rows, 96).Output("y").Constant("w", RandomTensors.Weight(1, 96, 96)).Node("MatMul", ["x", "w"], ["y"], "product");

        using var few = Dynamic(Rows(15));
        using var many = Dynamic(Rows(16));

        Assert.AreEqual("int8-weights", few.Layer("product").Format);
        Assert.AreEqual("int8-dynamic", many.Layer("product").Format);
    }

    [TestMethod]
    public void A_weight_that_others_read_is_stored_once()
    {
        var builder = ModelBuilder.Create().Input("ids", DataType.Int64, 4).Output("y").Constant("w", RandomTensors.Weight(1, 300, 256))
            .Node("Gather", ["w", "ids"], ["e"], "lookup").Node("Relu", ["e"], ["r"]).Node("Transpose", ["w"], ["t"], ("perm", new[] { 1, 0 })).Node("MatMul", ["r", "t"], ["y"], "product");

        using var quantized = Dynamic(builder);

        Assert.AreEqual("int8-weights", quantized.Layer("lookup").Format);
        Assert.AreEqual("int8-dynamic", quantized.Layer("product").Format);
        Assert.AreEqual(1, quantized.Graph.Initializer.Count(tensor => tensor.ElementType() == DataType.Int8));
        Assert.IsLessThan(0.28, quantized.Bytes.Length / (double)quantized.FloatBytes);
        quantized.AssertSqnr(30);
    }

    [TestMethod]
    public void Layers_inside_subgraphs_compute_on_bytes_too()
    {
        var builder = ModelBuilder.Create().Input("x", 4, 256).Output("y").Constant("yes", TensorValues.Create("yes", DataType.Bool, Google.Protobuf.ByteString.CopyFrom(1)))
            .Node("If", ["yes"], ["y"], "choice", ("then_branch", Branch(1)), ("else_branch", Branch(2)));

        using var quantized = Dynamic(builder);

        Assert.IsTrue(quantized.Layers.All(layer => layer.Format == "int8-dynamic"), string.Join("; ", quantized.Layers.Select(layer => layer.Reason)));
        Assert.IsLessThan(0.28, quantized.Bytes.Length / (double)quantized.FloatBytes);
        quantized.AssertSqnr(35);
    }

    [TestMethod]
    public void Pairs_of_weights_are_bounded_where_the_device_wants_it()
    {
        var builder = ModelBuilder.Create().Input("x", 4, 256).Output("y").Constant("w", Ones(256, 256)).Node("MatMul", ["x", "w"], ["y"], "product");
        var lstm = ModelBuilder.Create().Input("x", 5, 2, 64).Output("y").Constant("w", Ones(1, 256, 64)).Constant("r", Ones(1, 256, 64)).Node("LSTM", ["x", "w", "r"], ["y"], "layer", ("hidden_size", 64));
        foreach (var model in new[] { builder, lstm })
        {
            using var bounded = QuantizedModel.WithFor(DeviceProfiles.WithoutCosts, FormatAssignment.Int8Dynamic, model);
            using var full = QuantizedModel.WithFor(DeviceProfiles.FullRange, FormatAssignment.Int8Dynamic, model);

            Assert.AreEqual(64, LargestByte(bounded));
            Assert.AreEqual(127, LargestByte(full));
        }
    }

    [TestMethod]
    public void A_layer_that_KeepFloat_names_stays_float()
    {
        var builder = ModelBuilder.Create().Input("x", 4, 256).Output("y").Constant("w", RandomTensors.Weight(1, 256, 256)).Node("MatMul", ["x", "w"], ["y"], "kept");

        using var quantized = QuantizedModel.With(FormatAssignment.Int8Dynamic, builder, "kept");

        Assert.AreEqual("float", quantized.Layer("kept").Format);
    }

    private static QuantizedModel Dynamic(ModelBuilder builder) => QuantizedModel.With(FormatAssignment.Int8Dynamic, builder);

    private static TensorProto Ones(params long[] dims) => TensorValues.Create("", Enumerable.Repeat(1f, (int)dims.Aggregate(1L, (product, dimension) => product * dimension)).ToArray(), dims);

    private static int LargestByte(QuantizedModel model) => model.Tensor("w_q").RawData.ToByteArray().Max(value => Math.Abs((int)unchecked((sbyte)value)));

    private static GraphProto Branch(int seed) => ModelBuilder.Subgraph(builder => builder.Output("o").Constant("w", RandomTensors.Weight(seed, 256, 256)).Node("MatMul", ["x", "w"], ["o"], $"product{seed}"));

    private static ModelBuilder Lstm(string operation, int hidden, string direction)
    {
        var directions = direction == "bidirectional" ? 2 : 1;
        return ModelBuilder.Create().Input("x", 5, 2, 80).Output("y").Constant("w", RandomTensors.Weight(1, directions, 4 * hidden, 80)).Constant("r", RandomTensors.Weight(2, directions, 4 * hidden, hidden))
            .Node(operation, ["x", "w", "r"], ["y"], "layer", ("hidden_size", hidden), ("direction", direction));
    }
}
