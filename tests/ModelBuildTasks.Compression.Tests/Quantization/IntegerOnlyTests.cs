using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Quantization;

/// <summary>Networks that compute on integers from input to output, each against its float original in ONNX Runtime.</summary>
[TestClass]
public sealed class IntegerOnlyTests
{
    private static readonly DeviceProfile[] Devices = [DeviceProfile.Cpu, DeviceProfiles.Signed];

    [TestMethod]
    [DataRow(7, 3)]
    [DataRow(10, 5)]
    [DataRow(11, 6)]
    [DataRow(12, 7)]
    [DataRow(13, 8)]
    [DataRow(17, 8)]
    [DataRow(18, 8)]
    [DataRow(21, 10)]
    [DataRow(22, 10)]
    public void A_network_of_any_operator_set_computes_on_integers_and_is_right(int opset, int irVersion)
    {
        using var quantized = QuantizedModel.IntegerOnly(ModelBuilder.Create(opset, irVersion)
            .Input("x", 1, 16, 8, 8).Output("y", 1, 10).Constant("w", RandomTensors.Weight(1, 32, 16, 3, 3)).Constant("b", RandomTensors.Row(2, 32)).Constant("v", RandomTensors.Weight(3, 10, 32 * 9)).Constant("d", RandomTensors.Row(4, 10))
            .Node("Conv", ["x", "w", "b"], ["c"], "first").Node("Relu", ["c"], ["r"]).Node("MaxPool", ["r"], ["p"], ("kernel_shape", new[] { 2, 2 }), ("strides", new[] { 2, 2 }))
            .Node("Flatten", ["p"], ["f"]).Node("Gemm", ["f", "v", "d"], ["y"], "last", ("transB", 1)));

        quantized.AssertNoFloat();
        Assert.AreEqual("QLinearConv MaxPool Flatten QGemm", Operators(quantized));
        Assert.AreEqual("first:int8 last:int8", string.Join(' ', quantized.Layers.Select(layer => $"{layer.Name}:{layer.Format}")));
        quantized.AssertSqnr(28);
    }

    [TestMethod]
    [DataRow("Add", "QLinearConv QLinearConv QLinearAdd QLinearConv")]
    [DataRow("Mul", "QLinearConv QLinearConv QLinearMul QLinearConv")]
    [DataRow("Sub", "QLinearConv QLinearConv Cast Gather QLinearAdd QLinearConv")]
    [DataRow("Concat", "QLinearConv QLinearConv QLinearConcat QLinearConv")]
    public void Two_branches_join_on_bytes(string operation, string operators)
    {
        var builder = ModelBuilder.Create().Input("x", 1, 16, 8, 8).Output("y")
            .Constant("w1", RandomTensors.Weight(1, 32, 16, 3, 3)).Constant("w2", RandomTensors.Weight(2, 32, 32, 3, 3)).Constant("w3", RandomTensors.Weight(3, 16, operation == "Concat" ? 64 : 32, 1, 1))
            .Node("Conv", ["x", "w1"], ["c"]).Node("Relu", ["c"], ["r"]).Node("Conv", ["r", "w2"], ["e"], ("pads", new[] { 1, 1, 1, 1 }));
        _ = operation == "Concat" ? builder.Node("Concat", ["r", "e"], ["j"], ("axis", 1)) : builder.Node(operation, ["r", "e"], ["j"]);
        using var quantized = QuantizedModel.IntegerOnly(builder.Node("Relu", ["j"], ["k"]).Node("Conv", ["k", "w3"], ["y"]));

        quantized.AssertNoFloat();
        Assert.AreEqual(operators, Operators(quantized));
        quantized.AssertSqnr(25);
    }

    /// <summary>Operators that move or choose bytes: the result is exact where the input is.</summary>
    [TestMethod]
    [DataRow("DepthToSpace")]
    [DataRow("SpaceToDepth")]
    [DataRow("Expand")]
    [DataRow("Flatten")]
    [DataRow("Gather")]
    [DataRow("Identity")]
    [DataRow("MaxPool")]
    [DataRow("Pad")]
    [DataRow("PadReflect")]
    [DataRow("PadValue")]
    [DataRow("ReduceMax")]
    [DataRow("ReduceMin")]
    [DataRow("GlobalMaxPool")]
    [DataRow("Reshape")]
    [DataRow("Resize")]
    [DataRow("Slice")]
    [DataRow("Split")]
    [DataRow("Squeeze")]
    [DataRow("Tile")]
    [DataRow("Transpose")]
    [DataRow("Unsqueeze")]
    [DataRow("GatherElements")]
    [DataRow("GatherND")]
    [DataRow("Relu")]
    [DataRow("Clip")]
    public void An_operator_that_chooses_bytes_adds_no_error(string operation)
    {
        foreach (var device in Devices)
        {
            using var quantized = QuantizedModel.IntegerOnlyFor(device, Single(operation));

            quantized.AssertNoFloat();
            quantized.AssertSqnr(35);
        }
    }

    /// <summary>Operators that rescale: both roundings are half a level.</summary>
    [TestMethod]
    [DataRow("AveragePool", "QLinearAveragePool")]
    [DataRow("GlobalAveragePool", "QLinearGlobalAveragePool")]
    [DataRow("ReduceMean", "QLinearGlobalAveragePool")]
    [DataRow("ReduceMeanSqueezed", "QLinearGlobalAveragePool Squeeze")]
    [DataRow("LeakyRelu", "QLinearLeakyRelu")]
    [DataRow("Sigmoid", "QLinearSigmoid")]
    [DataRow("Softmax", "QLinearSoftmax")]
    [DataRow("BatchNormalization", "QLinearConv")]
    [DataRow("AddConstant", "QLinearAdd")]
    [DataRow("SubConstant", "QLinearAdd")]
    [DataRow("MulConstant", "QLinearMul")]
    [DataRow("DivConstant", "QLinearMul")]
    [DataRow("Tanh", "Cast Gather")]
    [DataRow("HardSwish", "Cast Gather")]
    [DataRow("HardSigmoid", "Cast Gather")]
    [DataRow("Erf", "Cast Gather")]
    [DataRow("Elu", "Cast Gather")]
    [DataRow("Exp", "Cast Gather")]
    [DataRow("Mish", "Cast Gather")]
    [DataRow("Selu", "Cast Gather")]
    [DataRow("Softplus", "Cast Gather")]
    [DataRow("Softsign", "Cast Gather")]
    [DataRow("Celu", "Cast Gather")]
    [DataRow("ThresholdedRelu", "Cast Gather")]
    [DataRow("Abs", "Cast Gather")]
    [DataRow("Neg", "Cast Gather")]
    [DataRow("PowConstant", "Cast Gather")]
    [DataRow("MaxConstant", "Cast Gather")]
    [DataRow("OneMinus", "Cast Gather")]
    [DataRow("ClipAboveZero", "Cast Gather")]
    public void An_operator_that_computes_has_an_integer_form(string operation, string operators)
    {
        foreach (var device in Devices)
        {
            using var quantized = QuantizedModel.IntegerOnlyFor(device, Single(operation));

            quantized.AssertNoFloat();
            Assert.AreEqual(operators, Operators(quantized));
            quantized.AssertSqnr(28);
        }
    }

    [TestMethod]
    public void What_static_int8_computes_on_bytes_too_is_the_same_to_the_bit()
    {
        static ModelBuilder Network() => ModelBuilder.Create().Input("x", 1, 16, 8, 8).Output("y")
            .Constant("w1", RandomTensors.Weight(1, 32, 16, 3, 3)).Constant("b1", RandomTensors.Row(2, 32)).Constant("w2", RandomTensors.Weight(3, 32, 32, 3, 3)).Constant("w3", RandomTensors.Weight(4, 24, 32, 1, 1))
            .Node("Conv", ["x", "w1", "b1"], ["c"]).Node("Relu", ["c"], ["r"]).Node("Conv", ["r", "w2"], ["e"], ("pads", new[] { 1, 1, 1, 1 })).Node("Add", ["r", "e"], ["j"])
            .Node("MaxPool", ["j"], ["p"], ("kernel_shape", new[] { 2, 2 })).Node("Conv", ["p", "w3"], ["y"]);
        using var integers = QuantizedModel.IntegerOnly(Network());
        using var between = QuantizedModel.Static(Network());

        Assert.AreEqual(200, between.SqnrDb(integers));
    }

    [TestMethod]
    public void Layers_that_are_slow_on_bytes_compute_on_them_all_the_same()
    {
        // Few products for an output, and depthwise with channels that are no multiple of 16.
        using var quantized = QuantizedModel.IntegerOnly(ModelBuilder.Create().Input("x", 1, 1, 10, 10).Output("y")
            .Constant("w1", RandomTensors.Weight(1, 6, 1, 3, 3)).Constant("w2", RandomTensors.Weight(2, 6, 1, 3, 3)).Constant("w3", RandomTensors.Weight(3, 4, 6, 1, 1))
            .Node("Conv", ["x", "w1"], ["c"]).Node("Conv", ["c", "w2"], ["d"], ("group", 6)).Node("HardSigmoid", ["d"], ["h"]).Node("Conv", ["h", "w3"], ["y"]));

        quantized.AssertNoFloat();
        Assert.AreEqual("QLinearConv QLinearConv Cast Gather QLinearConv", Operators(quantized));
        quantized.AssertSqnr(25);
    }

    [TestMethod]
    public void A_product_of_rank_3_with_a_bias_and_an_activation_is_three_integer_operators()
    {
        using var quantized = QuantizedModel.IntegerOnly(ModelBuilder.Create(20).Input("x", 2, 5, 16).Output("y")
            .Constant("w", RandomTensors.Weight(1, 16, 24)).Constant("b", RandomTensors.Row(2, 24)).Node("MatMul", ["x", "w"], ["m"], "product").Node("Add", ["m", "b"], ["s"]).Node("Gelu", ["s"], ["y"]));

        quantized.AssertNoFloat();
        Assert.AreEqual("QLinearMatMul QLinearAdd Cast Gather", Operators(quantized));
        quantized.AssertSqnr(28);
    }

    [TestMethod]
    public void Attention_computes_on_integers()
    {
        using var quantized = QuantizedModel.IntegerOnly(ModelBuilder.Create().Input("x", 2, 6, 16).Output("y")
            .Constant("wq", RandomTensors.Weight(1, 16, 16)).Constant("wk", RandomTensors.Weight(2, 16, 16)).Constant("wv", RandomTensors.Weight(3, 16, 16)).Constant("root", [4f])
            .Node("MatMul", ["x", "wq"], ["q"]).Node("MatMul", ["x", "wk"], ["k"]).Node("MatMul", ["x", "wv"], ["v"]).Node("Transpose", ["k"], ["t"], ("perm", new[] { 0, 2, 1 }))
            .Node("MatMul", ["q", "t"], ["s"]).Node("Div", ["s", "root"], ["d"]).Node("Softmax", ["d"], ["p"]).Node("MatMul", ["p", "v"], ["y"]));

        quantized.AssertNoFloat();
        quantized.AssertSqnr(20);
    }

    [TestMethod]
    [DataRow(11, "axis")]
    [DataRow(11, "")]
    [DataRow(13, "axis")]
    [DataRow(13, "")]
    public void A_softmax_at_the_end_gives_shares(int opset, string axis)
    {
        using var quantized = QuantizedModel.IntegerOnly(ModelBuilder.Create(opset, 6).Input("x", 2, 3, 16).Output("y", 2, 3, 16).Node("Softmax", ["x"], ["y"], axis.Length == 0 ? [] : [("axis", 2)]));

        quantized.AssertNoFloat();
        Assert.AreEqual("0.003921569", quantized.Proto.MetadataProps.Single(entry => entry.Key == "aimodel.output.y.scale").Value);
        quantized.AssertSqnr(opset == 11 && axis.Length == 0 ? 20 : 28);
    }

    [TestMethod]
    public void Integer_inputs_and_the_arithmetic_of_shapes_stay_as_they_are()
    {
        using var quantized = QuantizedModel.IntegerOnly(ModelBuilder.Create().Input("ids", DataType.Int64, 1, 5).Output("y")
            .Constant("table", RandomTensors.Row(1, 4, 16)).Constant("w", RandomTensors.Weight(2, 16, 8)).Constant("zero", [0L]).Constant("rest", [-1L], 1).Constant("one", [1L], 1)
            .Node("Gather", ["table", "ids"], ["e"], "look_up").Node("Shape", ["e"], ["shape"]).Node("Gather", ["shape", "one"], ["length"]).Node("Concat", ["length", "rest"], ["target"], ("axis", 0))
            .Node("Reshape", ["e", "target"], ["f"]).Node("MatMul", ["f", "w"], ["y"], "product"));

        quantized.AssertNoFloat();
        Assert.AreEqual("aimodel.output.y.scale aimodel.output.y.zero_point", string.Join(' ', quantized.Proto.MetadataProps.Select(entry => entry.Key)));
        Assert.AreEqual("int8 int8", string.Join(' ', quantized.Layers.Select(layer => layer.Format)));
        Assert.IsLessThan(quantized.Layer("look_up").BytesBefore, quantized.Layer("look_up").BytesAfter);
        quantized.AssertSqnr(28);
    }

    [TestMethod]
    public void The_class_of_bytes_is_the_class_of_what_they_stand_for()
    {
        using var quantized = QuantizedModel.IntegerOnly(ModelBuilder.Create().Input("x", 4, 16).Output("y").Output("class", DataType.Int64)
            .Constant("w", RandomTensors.Weight(1, 8, 16)).Node("Gemm", ["x", "w"], ["y"], ("transB", 1)).Node("ArgMax", ["y"], ["class"], ("axis", 1)));

        quantized.AssertNoFloat();
        Assert.AreEqual("QGemm ArgMax", Operators(quantized));
    }

    [TestMethod]
    public void An_input_with_several_readers_is_one_port_of_bytes()
    {
        using var quantized = QuantizedModel.IntegerOnly(ModelBuilder.Create().Input("x", 1, 16, 8, 8).Output("y").Output("z")
            .Constant("w", RandomTensors.Weight(1, 16, 16, 1, 1)).Node("Conv", ["x", "w"], ["c"]).Node("Add", ["x", "c"], ["y"]).Node("Transpose", ["x"], ["z"]));

        quantized.AssertNoFloat();
        Assert.AreEqual("Transpose QLinearConv QLinearAdd", Operators(quantized));
        quantized.AssertSqnr(28);
    }

    [TestMethod]
    public void A_weight_that_is_read_turned_is_turned_as_bytes()
    {
        using var quantized = QuantizedModel.IntegerOnly(ModelBuilder.Create().Input("x", 2, 16).Output("y").Constant("w", RandomTensors.Weight(1, 8, 16)).Node("Transpose", ["w"], ["t"]).Node("MatMul", ["x", "t"], ["y"]));

        quantized.AssertNoFloat();
        quantized.AssertSqnr(28);
    }

    [TestMethod]
    public void The_same_model_and_ranges_give_the_same_bytes()
    {
        using var first = QuantizedModel.IntegerOnly(Single("Tanh"));
        using var second = QuantizedModel.IntegerOnly(Single("Tanh"));

        CollectionAssert.AreEqual(first.Bytes, second.Bytes);
    }

    /// <summary>Scales or zero points in the wrong place would leave nothing of the signal: 0 dB and less.</summary>
    [TestMethod]
    public void Networks_that_no_exporter_would_write_compute_on_integers()
    {
        var computed = 0;
        for (var seed = 0; seed < 60; seed++)
        {
            try
            {
                using var quantized = QuantizedModel.IntegerOnly(RandomNetwork.Of(seed));
                computed++;
                quantized.AssertNoFloat();
                Assert.IsGreaterThan(5, quantized.SqnrDb(), $"seed {seed}");
            }
            catch (CompressionException exception)
            {
                // Exponentials of exponentials overflow.
                Assert.Contains("Exp", exception.Message);
                Assert.Contains("is not known or not finite", exception.Message);
            }
        }

        Assert.AreEqual(52, computed);
    }

    [TestMethod]
    public void Every_node_says_what_became_of_it()
    {
        using var quantized = QuantizedModel.IntegerOnly(ModelBuilder.Create().Input("x", 1, 4, 6, 6).Output("y")
            .Constant("s", RandomTensors.Row(1, 4)).Constant("b", RandomTensors.Row(2, 4)).Constant("m", RandomTensors.Row(3, 4)).Constant("v", [0.5f, 1, 2, 4], 4).Constant("w", RandomTensors.Weight(4, 8, 4))
            .Node("BatchNormalization", ["x", "s", "b", "m", "v"], ["n"], "norm").Node("Relu", ["n"], ["r"], "relu").Node("Tanh", ["r"], ["t"], "tanh")
            .Node("ReduceMean", ["t"], ["p"], "mean", ("axes", new[] { 2, 3 }), ("keepdims", 0)).Node("Gemm", ["p", "w"], ["y"], "gemm", ("transB", 1)));

        Assert.AreEqual("int8: ", quantized.Trace("norm"));
        Assert.AreEqual("int8: it is taken out: the saturation of 'norm' clips", quantized.Trace("relu"));
        Assert.AreEqual("int8: ", quantized.Trace("tanh"));
        Assert.AreEqual("int8: ", quantized.Trace("mean"));
        Assert.AreEqual("int8: ", quantized.Trace("gemm"));
        Assert.AreEqual("BatchNormalization Gemm", string.Join(' ', quantized.Layers.Select(layer => layer.Op)));
    }

    [TestMethod]
    public void Signed_bytes_are_the_unsigned_ones_less_128()
    {
        static ModelBuilder Network() => ModelBuilder.Create().Input("x", 1, 16, 8, 8).Output("y").Constant("k", RandomTensors.Row(3, 32, 1, 1))
            .Constant("w", RandomTensors.Weight(1, 32, 16, 3, 3)).Constant("v", RandomTensors.Weight(2, 10, 32)).Constant("b", RandomTensors.Row(4, 10))
            .Node("Conv", ["x", "w"], ["c"]).Node("HardSigmoid", ["c"], ["h"]).Node("Mul", ["c", "h"], ["m"]).Node("Add", ["m", "k"], ["a"])
            .Node("GlobalAveragePool", ["a"], ["p"]).Node("Flatten", ["p"], ["f"]).Node("Gemm", ["f", "v", "b"], ["g"], ("transB", 1)).Node("Softmax", ["g"], ["y"]);
        using var unsigned = QuantizedModel.IntegerOnlyFor(DeviceProfiles.FullRange, Network());
        using var signed = QuantizedModel.IntegerOnlyFor(DeviceProfiles.Signed, Network());

        signed.AssertNoFloat();
        Assert.AreEqual((int)DataType.Int8, signed.Graph.Input[0].Type.TensorType.ElemType);
        Assert.AreEqual((int)DataType.Int8, signed.Graph.Output[0].Type.TensorType.ElemType);
        Assert.AreEqual("-128", signed.Proto.MetadataProps.Single(entry => entry.Key == "aimodel.output.y.zero_point").Value);
        Assert.IsGreaterThan(40, unsigned.SqnrDb(signed), "no more than a rounding apart");
    }

    private static string Operators(QuantizedModel quantized) => string.Join(' ', quantized.Graph.Node.Select(node => node.OpType));

    private static ModelBuilder Single(string operation)
    {
        var builder = ModelBuilder.Create(operation is "HardSwish" ? 14 : operation is "Mish" ? 18 : 13).Input("x", 1, 4, 6, 6).Output("y");
        return operation switch
        {
            "DepthToSpace" or "SpaceToDepth" => builder.Node(operation, ["x"], ["y"], ("blocksize", 2)),
            "Expand" => builder.Constant("shape", [2L, 1, 1, 1], 4).Node("Expand", ["x", "shape"], ["y"]),
            "Gather" => builder.Constant("indices", [3L, 1, 0], 3).Node("Gather", ["x", "indices"], ["y"], ("axis", 1)),
            "GatherElements" => builder.Constant("indices", [3L, 1, 0], 1, 3, 1, 1).Node("GatherElements", ["x", "indices"], ["y"], ("axis", 1)),
            "GatherND" => builder.Constant("indices", [0L, 2], 1, 2).Node("GatherND", ["x", "indices"], ["y"]),
            "MaxPool" or "AveragePool" => builder.Node(operation, ["x"], ["y"], ("kernel_shape", new[] { 2, 2 })),
            "Pad" => builder.Constant("pads", [0L, 0, 1, 1, 0, 0, 1, 1], 8).Node("Pad", ["x", "pads"], ["y"]),
            "PadValue" => builder.Constant("pads", [0L, 0, 1, 1, 0, 0, 1, 1], 8).Constant("value", [1.5f]).Node("Pad", ["x", "pads", "value"], ["y"]),
            "PadReflect" => builder.Constant("pads", [0L, 0, 1, 1, 0, 0, 1, 1], 8).Node("Pad", ["x", "pads"], ["y"], ("mode", "reflect")),
            "ReduceMax" or "ReduceMin" => builder.Node(operation, ["x"], ["y"], ("axes", new[] { 1 })),
            "ReduceMean" => builder.Node("ReduceMean", ["x"], ["y"], ("axes", new[] { 2, 3 })),
            "ReduceMeanSqueezed" => builder.Node("ReduceMean", ["x"], ["y"], ("axes", new[] { -1, -2 }), ("keepdims", 0)),
            "Reshape" => builder.Constant("shape", [1L, 2, 72], 3).Node("Reshape", ["x", "shape"], ["y"]),
            "Resize" => builder.Constant("scales", [1f, 1, 2, 2], 4).Node("Resize", ["x", "", "scales"], ["y"], ("mode", "nearest")),
            "Slice" => builder.Constant("starts", [1L], 1).Constant("ends", [5L], 1).Constant("axes", [3L], 1).Node("Slice", ["x", "starts", "ends", "axes"], ["y"]),
            "Split" => builder.Node("Split", ["x"], ["y", "z"], ("axis", 1)).Output("z"),
            "Squeeze" => builder.Constant("axes", [0L], 1).Node("Squeeze", ["x", "axes"], ["y"]),
            "Tile" => builder.Constant("repeats", [1L, 2, 1, 1], 4).Node("Tile", ["x", "repeats"], ["y"]),
            "Transpose" => builder.Node("Transpose", ["x"], ["y"], ("perm", new[] { 0, 3, 1, 2 })),
            "Unsqueeze" => builder.Constant("axes", [4L], 1).Node("Unsqueeze", ["x", "axes"], ["y"]),
            "Clip" => builder.Constant("min", [-1f]).Constant("max", [2f]).Node("Clip", ["x", "min", "max"], ["y"]),
            "ClipAboveZero" => builder.Constant("min", [0.5f]).Constant("max", [2f]).Node("Clip", ["x", "min", "max"], ["y"]),
            "LeakyRelu" => builder.Node("LeakyRelu", ["x"], ["y"], ("alpha", 0.1f)),
            "BatchNormalization" => builder.Constant("s", RandomTensors.Row(1, 4)).Constant("b", RandomTensors.Row(2, 4)).Constant("m", RandomTensors.Row(3, 4)).Constant("v", [0.5f, 1, 2, 4], 4)
                .Node("BatchNormalization", ["x", "s", "b", "m", "v"], ["y"]),
            "AddConstant" or "SubConstant" or "MulConstant" or "DivConstant" => builder.Constant("k", [1f, -2f, 0.7f, 0.5f], 4, 1, 1).Node(operation[..3], ["x", "k"], ["y"]),
            "PowConstant" => builder.Constant("k", [2f]).Node("Pow", ["x", "k"], ["y"]),
            "MaxConstant" => builder.Constant("k", [0.3f]).Node("Max", ["x", "k"], ["y"]),
            "OneMinus" => builder.Constant("k", [1f]).Node("Sub", ["k", "x"], ["y"]),
            _ => builder.Node(operation, ["x"], ["y"]),
        };
    }
}
