using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Quantization;

[TestClass]
public sealed class PlacementTests
{
    [TestMethod]
    [DataRow("MaxPool", "NhwcMaxPool")]
    [DataRow("Reshape", "Reshape")]
    [DataRow("Transpose", "Transpose")]
    [DataRow("Squeeze", "Squeeze")]
    [DataRow("Unsqueeze", "Unsqueeze")]
    [DataRow("Slice", "Slice")]
    [DataRow("Gather", "Gather")]
    [DataRow("Resize", "Resize")]
    [DataRow("DepthToSpace", "DepthToSpace")]
    [DataRow("Expand", "Expand")]
    public void An_operator_that_moves_bytes_between_int8_layers_keeps_their_scale(string operation, string running)
    {
        using var quantized = QuantizedModel.Static(Between(operation));

        Assert.IsTrue(quantized.Layers.All(layer => layer.Format == "int8"));
        var quantizers = quantized.Graph.Node.Where(node => node.OpType == "QuantizeLinear").Select(node => (node.Input[1], node.Input[2])).ToArray();
        Assert.HasCount(4, quantizers);
        Assert.AreEqual(quantizers[1], quantizers[2], "before and after the operator");
        var names = quantized.Running();
        Assert.IsTrue(names.Contains(running), string.Join(" ", names));
        Assert.IsLessThanOrEqualTo(1, names.Count(name => name == "DequantizeLinear"), string.Join(" ", names));
        quantized.AssertRuns("QLinearConv", "QLinearConv");
        quantized.AssertSqnr(28);
    }

    [TestMethod]
    [DataRow("AveragePool", "QLinearAveragePool")]
    [DataRow("GlobalAveragePool", "QLinearGlobalAveragePool")]
    [DataRow("LeakyRelu", "QLinearLeakyRelu")]
    public void An_operator_that_rescales_between_int8_layers_gets_a_scale_of_its_own(string operation, string running)
    {
        using var quantized = QuantizedModel.Static(Between(operation));

        quantized.AssertRuns("QLinearConv", running, "QLinearConv");
        quantized.AssertSqnr(28);
    }

    [TestMethod]
    [DataRow("Add", "QLinearAdd")]
    [DataRow("Mul", "QLinearMul")]
    [DataRow("Concat", "QLinearConcat")]
    public void An_operator_that_joins_int8_branches_computes_on_bytes(string operation, string running)
    {
        using var quantized = QuantizedModel.Static(Residual(operation));

        quantized.AssertRuns("QLinearConv", "QLinearConv", running, "QLinearConv");
        quantized.AssertSqnr(26);
        Assert.IsTrue(quantized.Graph.Node.Where(node => node.OpType == "QuantizeLinear").All(node => quantized.Tensor(node.Input[1]).Dims.Count == 0), "activation scales are scalars");
    }

    [TestMethod]
    public void A_split_between_int8_layers_keeps_the_scale_on_every_output()
    {
        var builder = Start().Constant("w2", RandomTensors.Weight(2, 32, 16, 3, 3))
            .Node("Split", ["r"], ["s1", "s2"], ("axis", 1)).Node("Conv", ["s1", "w2"], ["y"], "second").Node("Conv", ["s2", "w2"], ["z"], "third").Output("z");

        using var quantized = QuantizedModel.Static(builder);

        quantized.AssertRuns("QLinearConv", "Split", "QLinearConv", "QLinearConv");
        quantized.AssertSqnr(30);
    }

    [TestMethod]
    public void A_chain_of_moving_operators_keeps_one_scale_to_the_product_behind()
    {
        var builder = Start().Constant("w2", RandomTensors.Weight(2, 20, 32 * 3 * 3))
            .Node("MaxPool", ["r"], ["p"], ("kernel_shape", new[] { 2, 2 }), ("strides", new[] { 2, 2 })).Node("Flatten", ["p"], ["f"]).Node("Gemm", ["f", "w2"], ["y"], "last", ("transB", 1));

        using var quantized = QuantizedModel.Static(builder);

        Assert.AreEqual(2, quantized.Graph.Node.Where(node => node.OpType == "QuantizeLinear").Select(node => node.Input[1]).Distinct().Count());
        quantized.AssertRuns("QuantizeLinear", "QLinearConv", "NhwcMaxPool", "QGemm");
        quantized.AssertDoesNotRun("DequantizeLinear");
        quantized.AssertSqnr(30);
    }

    [TestMethod]
    [DataRow("Add")]
    [DataRow("Softmax")]
    [DataRow("LayerNormalization")]
    [DataRow("GlobalMaxPool")]
    [DataRow("ReduceMean")]
    public void Operators_that_connect_no_int8_layers_get_no_QuantizeLinear(string operation)
    {
        var builder = ModelBuilder.Create(17).Input("x", 2, 16, 4, 4).Output("y").Constant("scale", RandomTensors.Row(1, 4)).Constant("other", RandomTensors.Row(2, 2, 16, 4, 4));
        _ = operation switch
        {
            "Add" => builder.Node("Add", ["x", "other"], ["y"]),
            "LayerNormalization" => builder.Node("LayerNormalization", ["x", "scale"], ["y"]),
            _ => builder.Node(operation, ["x"], ["y"]),
        };

        using var quantized = QuantizedModel.Static(builder);

        Assert.AreEqual(0, quantized.Count("QuantizeLinear"));
    }

    [TestMethod]
    public void A_transformer_block_quantizes_the_inputs_of_its_constant_products_and_nothing_else()
    {
        const int Width = 32;
        var builder = ModelBuilder.Create(17).Input("x", 1, 6, Width).Output("y")
            .Constant("g", RandomTensors.Row(1, Width)).Constant("wq", RandomTensors.Weight(2, Width, Width)).Constant("wk", RandomTensors.Weight(3, Width, Width)).Constant("wv", RandomTensors.Weight(4, Width, Width))
            .Constant("w1", RandomTensors.Weight(5, Width, 64)).Constant("b1", RandomTensors.Row(6, 64)).Constant("w2", RandomTensors.Weight(7, 64, Width)).Constant("b2", RandomTensors.Row(8, Width))
            .Node("LayerNormalization", ["x", "g"], ["n"])
            .Node("MatMul", ["n", "wq"], ["q"], "query").Node("MatMul", ["n", "wk"], ["k"], "key").Node("MatMul", ["n", "wv"], ["v"], "value")
            .Node("Transpose", ["k"], ["kt"], ("perm", new[] { 0, 2, 1 })).Node("MatMul", ["q", "kt"], ["s"], "scores").Node("Softmax", ["s"], ["p"]).Node("MatMul", ["p", "v"], ["a"], "attention")
            .Node("Add", ["x", "a"], ["h"]).Node("LayerNormalization", ["h", "g"], ["m"])
            .Node("MatMul", ["m", "w1"], ["u1"], "up").Node("Add", ["u1", "b1"], ["u2"]).Node("Tanh", ["u2"], ["t"]).Node("MatMul", ["t", "w2"], ["d1"], "down").Node("Add", ["d1", "b2"], ["d2"])
            .Node("Add", ["h", "d2"], ["y"]);

        using var quantized = QuantizedModel.Static(builder);

        Assert.AreEqual(3, quantized.Count("QuantizeLinear"), "query, key and value share one; up and down have one each");
        Assert.AreEqual("float", quantized.Layer("scores").Format);
        quantized.AssertRuns("QuantizeLinear", "QuantizeLinear", "QuantizeLinear", "MatMulIntegerToFloat", "MatMulIntegerToFloat", "MatMulIntegerToFloat", "MatMulIntegerToFloat", "MatMulIntegerToFloat");
        quantized.AssertDoesNotRun("DequantizeLinear");
        quantized.AssertSqnr(20);
    }

    [TestMethod]
    public void An_activation_with_several_readers_has_one_QuantizeLinear_and_everything_fuses()
    {
        using var quantized = QuantizedModel.Static(Residual("Add"));

        Assert.AreEqual(1, quantized.Graph.Node.Count(node => node.OpType == "QuantizeLinear" && node.Output[0] == "r_q"));
        quantized.AssertRuns("QLinearConv", "QLinearConv", "QLinearAdd", "QLinearConv");
        quantized.AssertDoesNotRun("Conv", "FusedConv", "Add");
    }

    [TestMethod]
    public void A_float_value_keeps_its_float_readers_beside_the_int8_ones()
    {
        var builder = ModelBuilder.Create().Input("x", 1, 16, 8, 8).Output("y").Constant("w", RandomTensors.Weight(1, 16, 16, 1, 1))
            .Node("Abs", ["x"], ["a"]).Node("Conv", ["a", "w"], ["c"], "conv").Node("Add", ["a", "c"], ["y"], "sum");

        using var quantized = QuantizedModel.Static(builder);

        Assert.AreEqual("a", quantized.Graph.Node.Single(node => node.OpType == "Add").Input[0]);
        quantized.AssertRuns("QLinearConv", "Add");
        quantized.AssertSqnr(35);
    }

    [TestMethod]
    public void Inputs_and_outputs_keep_their_names_and_float_types()
    {
        var builder = Residual("Add").Output("r").Output("e");

        using var quantized = QuantizedModel.Static(builder);

        Assert.AreEqual("x", string.Join(",", quantized.Graph.Input.Select(value => value.Name)));
        Assert.AreEqual("y,r,e", string.Join(",", quantized.Graph.Output.Select(value => value.Name)));
        Assert.IsTrue(quantized.Graph.Input.Concat(quantized.Graph.Output).All(value => value.Type.TensorType.ElemType == (int)TensorProto.Types.DataType.Float));
        quantized.AssertRuns("QLinearConv", "QLinearConv", "QLinearAdd", "QLinearConv");
        quantized.AssertSqnr(26);
    }

    [TestMethod]
    public void A_product_at_the_end_has_a_float_result()
    {
        var builder = ModelBuilder.Create().Input("x", 4, 32).Output("y").Constant("w", RandomTensors.Weight(1, 32, 10)).Node("Gemm", ["x", "w"], ["y"], "logits");

        using var quantized = QuantizedModel.Static(builder);

        Assert.AreEqual("y", quantized.Graph.Node.Single(node => node.OpType == "Gemm").Output[0]);
    }

    [TestMethod]
    public void A_convolution_at_the_end_is_restored_behind_its_bytes()
    {
        var builder = ModelBuilder.Create().Input("x", 1, 16, 8, 8).Output("y").Constant("w", RandomTensors.Weight(1, 16, 16, 3, 3)).Node("Conv", ["x", "w"], ["y"], "last");

        using var quantized = QuantizedModel.Static(builder);

        Assert.AreEqual("DequantizeLinear", quantized.Graph.Node.Single(node => node.Output[0] == "y").OpType);
        quantized.AssertRuns("QLinearConv");
    }

    [TestMethod]
    public void Equal_zero_points_and_scales_are_stored_once()
    {
        using var quantized = QuantizedModel.Static(Residual("Add"));

        var scalars = quantized.Graph.Initializer.Where(tensor => tensor.Dims.Count == 0).Select(tensor => (tensor.DataType, tensor.RawData)).ToArray();
        Assert.HasCount(scalars.Distinct().Count(), scalars);
    }

    [TestMethod]
    public void The_same_model_and_ranges_give_the_same_bytes()
    {
        using var first = QuantizedModel.Static(Residual("Concat"));
        using var second = QuantizedModel.Static(Residual("Concat"));

        CollectionAssert.AreEqual(first.Bytes, second.Bytes);
    }

    private static ModelBuilder Start() => ModelBuilder.Create()
        .Input("x", 1, 16, 8, 8).Output("y").Constant("w1", RandomTensors.Weight(1, 32, 16, 3, 3))
        .Node("Conv", ["x", "w1"], ["c"], "first").Node("Relu", ["c"], ["r"]);

    private static ModelBuilder Between(string operation)
    {
        var builder = Start().Constant("w2", RandomTensors.Weight(2, 24, operation == "DepthToSpace" ? 8 : operation == "Gather" ? 4 : operation == "Transpose" ? 6 : 32, 1, 1));
        _ = operation switch
        {
            "MaxPool" or "AveragePool" => builder.Node(operation, ["r"], ["m"], ("kernel_shape", new[] { 2, 2 })),
            "Reshape" => builder.Constant("shape", [1L, 32, 4, 9], 4).Node("Reshape", ["r", "shape"], ["m"]),
            "Transpose" => builder.Node("Transpose", ["r"], ["m"], ("perm", new[] { 0, 3, 1, 2 })),
            "Squeeze" => builder.Constant("axes", [0L], 1).Node("Squeeze", ["r", "axes"], ["m"]),
            "Unsqueeze" => builder.Constant("axes", [4L], 1).Node("Unsqueeze", ["r", "axes"], ["m"]),
            "Slice" => builder.Constant("starts", [1L], 1).Constant("ends", [5L], 1).Constant("axes", [3L], 1).Node("Slice", ["r", "starts", "ends", "axes"], ["m"]),
            "Gather" => builder.Constant("indices", [3L, 1, 5, 0], 4).Node("Gather", ["r", "indices"], ["m"], ("axis", 1)),
            "Resize" => builder.Constant("scales", [1f, 1, 2, 2], 4).Node("Resize", ["r", "", "scales"], ["m"], ("mode", "nearest")),
            "DepthToSpace" => builder.Node("DepthToSpace", ["r"], ["m"], ("blocksize", 2)),
            "Expand" => builder.Constant("shape", [2L, 1, 1, 1], 4).Node("Expand", ["r", "shape"], ["m"]),
            "LeakyRelu" => builder.Node("LeakyRelu", ["r"], ["m"], ("alpha", 0.1f)),
            _ => builder.Node(operation, ["r"], ["m"]),
        };
        return operation switch
        {
            "Squeeze" => builder.Constant("v2", RandomTensors.Weight(2, 24, 6, 1)).Node("Conv", ["m", "v2"], ["y"], "second"),
            "Unsqueeze" => builder.Constant("v2", RandomTensors.Weight(2, 24, 32, 1, 1, 1)).Node("Conv", ["m", "v2"], ["y"], "second"),
            _ => builder.Node("Conv", ["m", "w2"], ["y"], "second"),
        };
    }

    private static ModelBuilder Residual(string operation)
    {
        var builder = Start().Constant("w2", RandomTensors.Weight(2, 32, 32, 3, 3)).Node("Conv", ["r", "w2"], ["e"], "second", ("pads", new[] { 1, 1, 1, 1 }));
        _ = operation == "Concat" ? builder.Node("Concat", ["r", "e"], ["j"], ("axis", 1)) : builder.Node(operation, ["r", "e"], ["j"]);
        return builder.Constant("w3", RandomTensors.Weight(3, 16, operation == "Concat" ? 64 : 32, 1, 1)).Node("Relu", ["j"], ["k"]).Node("Conv", ["k", "w3"], ["y"], "third");
    }
}
