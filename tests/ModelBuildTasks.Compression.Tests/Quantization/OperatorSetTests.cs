using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Onnx.OperatorSets;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Quantization;

[TestClass]
public sealed class OperatorSetTests
{
    [TestMethod]
    [DataRow(7, 3)]
    [DataRow(7, 4)]
    [DataRow(8, 3)]
    [DataRow(9, 4)]
    [DataRow(10, 5)]
    [DataRow(11, 6)]
    [DataRow(12, 7)]
    [DataRow(13, 8)]
    [DataRow(17, 8)]
    [DataRow(21, 10)]
    [DataRow(23, 11)]
    public void A_network_of_any_operator_set_loads_fuses_and_is_right(int opset, int irVersion)
    {
        using var quantized = QuantizedModel.Static(Network(opset, irVersion));

        Assert.IsTrue(quantized.Layers.All(layer => layer.Format == "int8"));
        quantized.AssertRuns("QLinearConv", "NhwcMaxPool", "QLinearConv", "QGemm");
        quantized.AssertSqnr(28);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void A_network_from_before_tensors_broadcast_is_raised_and_is_right(bool calibrated)
    {
        var builder = ModelBuilder.Create(6, 3)
            .Input("x", 2, 16, 8, 8).Output("y").Constant("w", RandomTensors.Weight(1, 32, 16, 3, 3)).Constant("b", RandomTensors.Row(2, 32))
            .Constant("g", RandomTensors.Row(3, 32)).Constant("s", RandomTensors.Row(4, 32)).Constant("v", RandomTensors.Weight(5, 16, 32, 1, 1))
            .Node("Conv", ["x", "w", "b"], ["c"], "first").Node("InstanceNormalization", ["c", "g", "s"], ["n"]).Node("Elu", ["n"], ["e"], ("alpha", 1f)).Node("Conv", ["e", "v"], ["y"], "second");

        using var quantized = calibrated ? QuantizedModel.Static(builder) : QuantizedModel.WeightsOnly(builder);

        Assert.AreEqual(12, quantized.Proto.OpsetImport.Single(import => import.Domain == "").Version);
        Assert.IsTrue(quantized.Layers.All(layer => layer.Format == (calibrated ? "int8" : "int8-weights")));
        quantized.AssertSqnr(28);
    }

    [TestMethod]
    public void A_model_of_before_that_cannot_be_raised_stays_float_and_says_why()
    {
        var builder = ModelBuilder.Create(6, 3)
            .Input("x", 2, 16, 8, 8).Output("y").Constant("w", RandomTensors.Weight(1, 32, 16, 3, 3))
            .Node("Conv", ["x", "w"], ["c"], "conv").Node("MeanVarianceNormalization", ["c"], ["y"]);

        var model = builder.Build();
        using var folder = new TemporaryFolder();
        using var loaded = builder.Load(folder);
        var layers = new PostTrainingQuantization(FormatAssignment.Int8Weights).Apply(loaded, new PassContext(DeviceProfile.Cpu, null, [], CancellationToken.None)).Layers;

        Assert.AreEqual("float", layers.Single().Format);
        StringAssert.Contains(layers.Single().Reason, "opset 6");
        Assert.IsTrue(model.Equals(loaded.Proto));
    }

    [TestMethod]
    public void What_operators_said_to_early_runtimes_is_left_out_and_their_old_attributes_become_todays()
    {
        var graph = new OnnxGraph(ModelBuilder.Create(1, 3).Input("x", 2, 3)
            .Node("Relu", ["x"], ["r"], ("consumed_inputs", new[] { 0 })).Node("Cast", ["r"], ["i"], ("to", "INT32")).Node("Concat", ["r", "r"], ["j"])
            .Node("Reshape", ["r"], ["f"], ("shape", new[] { 3, 2 })).Node("Add", ["r", "r"], ["a"], ("broadcast", 1)).Node("Pad", ["r"], ["p"], ("paddings", new[] { 0, 1, 0, 1 }))
            .Output("p").Build().Graph);
        var old = new OldOperators(graph, 1);

        foreach (var node in graph.Nodes)
        {
            Assert.IsTrue(old.CanFollow(node), node.OpType);
            old.Follow(node);
        }

        NodeProto Node(string operation) => graph.Nodes.Single(node => node.OpType == operation);
        Assert.IsEmpty(Node("Relu").Attribute);
        Assert.AreEqual((long)DataType.Int32, Node("Cast").Int64("to", 0));
        Assert.AreEqual(1, Node("Concat").Int64("axis", 0));
        CollectionAssert.AreEqual(new long[] { 3, 2 }, graph.Constant(Node("Reshape").Input[1])!.Int64s().ToArray());
        Assert.IsEmpty(Node("Add").Attribute);
        Assert.AreEqual("pads", Node("Pad").Attribute.Single().Name);
    }

    [TestMethod]
    [DataRow("Add", "axis", 1)]
    [DataRow("Dropout", "is_test", 0)]
    [DataRow("BatchNormalization", "is_test", 0)]
    [DataRow("Upsample", "mode", 0)]
    public void What_means_something_else_today_is_not_raised(string operation, string attribute, int value)
    {
        var graph = new OnnxGraph(ModelBuilder.Create(6, 3).Input("x", 2, 3).Node(operation, ["x", "x"], ["y"], (attribute, value)).Output("y").Build().Graph);

        Assert.IsFalse(new OldOperators(graph, 6).CanFollow(graph.Nodes[0]));
    }

    [TestMethod]
    public void A_model_with_subgraphs_is_raised_inside_them_too()
    {
        var branch = ModelBuilder.Subgraph(graph => graph.Node("Clip", ["p"], ["k"], ("min", -1f), ("max", 1f)).Output("k"));
        var other = ModelBuilder.Subgraph(graph => graph.Node("Neg", ["p"], ["n"]).Output("n"));
        var builder = ModelBuilder.Create(9, 4).Input("x", 1, 16, 8, 8).Output("y").Constant("w", RandomTensors.Weight(1, 16, 16, 3, 3)).Constant("bound", [1f])
            .Node("Conv", ["x", "w"], ["c"], "conv").Node("MaxPool", ["c"], ["p"], ("kernel_shape", new[] { 2, 2 }))
            .Node("ReduceMax", ["x"], ["m"], ("keepdims", 0)).Node("Less", ["m", "bound"], ["d"]).Node("If", ["d"], ["y"], ("then_branch", branch), ("else_branch", other));

        using var quantized = QuantizedModel.Static(builder);

        Assert.AreEqual(12, quantized.Proto.OpsetImport.Single(import => import.Domain == "").Version);
        Assert.AreEqual("int8", quantized.Layer("conv").Format);
        quantized.AssertSqnr(30);
    }

    [TestMethod]
    public void Weights_that_an_old_file_lists_as_inputs_are_constants_and_no_inputs_afterwards()
    {
        var builder = ModelBuilder.Create(8, 3)
            .Input("x", 1, 16, 8, 8).Input("w", 32, 16, 3, 3).Input("b", 32).Output("y")
            .Constant("w", RandomTensors.Weight(1, 32, 16, 3, 3)).Constant("b", RandomTensors.Row(2, 32))
            .Node("Conv", ["x", "w", "b"], ["y"], "conv");

        using var quantized = QuantizedModel.Static(builder);

        Assert.AreEqual("x", string.Join(",", quantized.Graph.Input.Select(input => input.Name)));
        quantized.AssertRuns("QLinearConv");
        quantized.AssertSqnr(33);
    }

    [TestMethod]
    [DataRow(7)]
    [DataRow(9)]
    [DataRow(13)]
    public void The_default_domain_quantizes_per_channel_from_13_on_and_the_runtimes_own_before(int opset)
    {
        using var quantized = QuantizedModel.Static(Network(opset, 8));

        var domain = opset < 13 ? "com.microsoft" : "";
        Assert.IsTrue(quantized.Graph.Node.Where(node => node.OpType is "QuantizeLinear" or "DequantizeLinear").All(node => node.Domain == domain));
        Assert.AreEqual(opset < 13 ? 1 : 0, quantized.Proto.OpsetImport.Count(import => import.Domain == "com.microsoft"));
    }

    [TestMethod]
    public void Operators_that_changed_until_12_follow()
    {
        var builder = ModelBuilder.Create(9, 4)
            .Input("x", 1, 16, 8, 8).Output("y").Output("t")
            .Constant("w", RandomTensors.Weight(1, 16, 16, 3, 3)).Constant("scales", [1f, 1, 2, 2], 4)
            .Constant("g", RandomTensors.Row(3, 16)).Constant("b", RandomTensors.Row(4, 16)).Constant("mean", RandomTensors.Row(5, 16)).Constant("variance", [.. Enumerable.Repeat(2f, 16)], 16)
            .Node("Pad", ["x"], ["p"], ("pads", new[] { 0, 0, 1, 1, 0, 0, 1, 1 }), ("value", 0.5f), ("mode", "constant"))
            .Node("Conv", ["p", "w"], ["c"], "conv")
            .Node("BatchNormalization", ["c", "g", "b", "mean", "variance"], ["n"])
            .Node("Clip", ["n"], ["k"], ("min", -1f), ("max", 1.5f))
            .Node("Upsample", ["k", "scales"], ["u"], ("mode", "linear"))
            .Node("Upsample", ["u", "scales"], ["v"], ("mode", "nearest"))
            .Node("Dropout", ["v"], ["d"], ("ratio", 0.3f))
            .Node("Slice", ["d"], ["s"], ("starts", new[] { 1, 2 }), ("ends", new[] { 20, -3 }), ("axes", new[] { 2, 3 }))
            .Node("TopK", ["s"], ["t", "i"], ("k", 3), ("axis", 1))
            .Node("Sub", ["s", "s"], ["z"]).Node("Add", ["s", "z"], ["y"]);

        using var quantized = QuantizedModel.Static(builder);

        Assert.AreEqual(12, quantized.Proto.OpsetImport.Single(import => import.Domain == "").Version);
        quantized.AssertRuns("QLinearConv");
        quantized.AssertSqnr(30);
    }

    [TestMethod]
    [DataRow("nearest")]
    [DataRow("linear")]
    public void The_first_Resize_follows(string mode)
    {
        var builder = ModelBuilder.Create(10, 5)
            .Input("x", 1, 16, 7, 7).Output("y").Constant("w", RandomTensors.Weight(1, 16, 16, 3, 3)).Constant("scales", [1, 1, 1.7f, 2.3f], 4)
            .Node("MaxPool", ["x"], ["p"], ("kernel_shape", new[] { 2, 2 })).Node("Conv", ["p", "w"], ["c"], "conv").Node("Resize", ["c", "scales"], ["y"], ("mode", mode));

        using var quantized = QuantizedModel.Static(builder);

        Assert.AreEqual(12, quantized.Proto.OpsetImport.Single(import => import.Domain == "").Version);
        quantized.AssertRuns("QLinearConv");
        quantized.AssertSqnr(33);
    }

    [TestMethod]
    [DataRow(9)]
    [DataRow(10)]
    public void A_model_that_cannot_be_raised_keeps_what_its_operator_set_has_no_bytes_for_in_float(int opset)
    {
        // Scatter became another operator in 11.
        var builder = ModelBuilder.Create(opset, 5)
            .Input("x", 1, 16, 8, 8).Output("y").Constant("w", RandomTensors.Weight(1, 16, 16, 3, 3)).Constant("v", RandomTensors.Weight(2, 16, 16, 1, 1))
            .Constant("i", TensorValues.Create("", [0L, 1L], 1, 2, 1, 1)).Constant("u", [1f, 2f], 1, 2, 1, 1)
            .Node("Scatter", ["x", "i", "u"], ["s"], ("axis", 1))
            .Node("Conv", ["s", "w"], ["c"], "first").Node("MaxPool", ["c"], ["p"], ("kernel_shape", new[] { 2, 2 })).Node("Conv", ["p", "v"], ["y"], "second");

        using var quantized = QuantizedModel.Static(builder);

        Assert.AreEqual(opset, quantized.Proto.OpsetImport.Single(import => import.Domain == "").Version);
        Assert.AreEqual(opset < 10 ? "int8-weights" : "int8", quantized.Layer("first").Format);
        if (opset < 10)
        {
            StringAssert.Contains(quantized.Layer("first").Reason, "opset 9");
            quantized.AssertRuns("Conv", "Conv");
        }
        else
        {
            quantized.AssertRuns("QLinearConv", "MaxPool", "QLinearConv");
        }

        quantized.AssertSqnr(30);
    }

    [TestMethod]
    public void A_product_of_an_operator_set_that_wants_a_bias_gets_one_of_zeros()
    {
        var builder = ModelBuilder.Create(9, 5)
            .Input("x", 4, 4, 16).Output("y").Output("s").Constant("w", RandomTensors.Weight(1, 16, 24)).Constant("shape", [16L, 16L], 2).Constant("i", TensorValues.Create("", [0L, 1L], 1, 2)).Constant("u", [1f, 2f], 1, 2)
            .Node("Reshape", ["x", "shape"], ["r"]).Node("Scatter", ["r", "i", "u"], ["s"]).Node("MatMul", ["r", "w"], ["y"], "product");

        using var quantized = QuantizedModel.Static(builder);

        quantized.AssertRuns("QGemm");
        quantized.AssertSqnr(35);
    }

    private static ModelBuilder Network(int opset, int irVersion)
    {
        var builder = ModelBuilder.Create(opset, irVersion)
            .Input("x", 2, 16, 8, 8).Output("y")
            .Constant("w1", RandomTensors.Weight(1, 32, 16, 3, 3)).Constant("b1", RandomTensors.Row(2, 32))
            .Constant("w2", RandomTensors.Weight(3, 32, 32, 3, 3)).Constant("w3", RandomTensors.Weight(4, 24, 32)).Constant("b3", RandomTensors.Row(5, 24))
            .Node("Conv", ["x", "w1", "b1"], ["c1"], "first").Node("Relu", ["c1"], ["r1"])
            .Node("MaxPool", ["r1"], ["p1"], ("kernel_shape", new[] { 2, 2 }), ("strides", new[] { 2, 2 }))
            .Node("Conv", ["p1", "w2"], ["c2"], "second").Node("Relu", ["c2"], ["r2"])
            .Node("Flatten", ["r2"], ["f"]).Node("Gemm", ["f", "w3", "b3"], ["y"], "last", ("transB", 1));
        return builder;
    }
}
