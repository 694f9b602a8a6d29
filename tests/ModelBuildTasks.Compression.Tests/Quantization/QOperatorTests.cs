using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Quantization;

/// <summary>Static int8 written as integer operators: the same plan, the same bytes, and the same results to the bit as the form that the runtime fuses itself.</summary>
[TestClass]
public sealed class QOperatorTests
{
    [TestMethod]
    [DataRow(10)]
    [DataRow(11)]
    [DataRow(12)]
    [DataRow(13)]
    [DataRow(17)]
    [DataRow(21)]
    public void A_residual_network_is_written_as_integer_operators_between_one_conversion_at_each_border(int opset)
    {
        using var model = QuantizedModel.OperatorsFor(DeviceProfiles.FullRange, Residual(opset));

        Assert.AreEqual("QGemm QLinearAdd QLinearConv QLinearConv QLinearConv QLinearGlobalAveragePool QuantizeLinear Reshape", Operators(model));
        AssertSameAsQdq(DeviceProfiles.FullRange, Residual(opset));
        model.AssertSqnr(26);
    }

    [TestMethod]
    [DataRow(nameof(SampleNetwork.MobileNet))]
    [DataRow(nameof(SampleNetwork.ResNet))]
    public void Whole_networks_compute_the_same_to_the_bit(string name)
    {
        var network = name == nameof(SampleNetwork.MobileNet) ? SampleNetwork.MobileNet(1) : SampleNetwork.ResNet(1);
        using var operators = QuantizedModel.OperatorsFor(DeviceProfiles.WithoutCosts, network);
        using var qdq = QuantizedModel.StaticFor(DeviceProfiles.WithoutCosts, network);

        CollectionAssert.AreEqual(qdq.Outputs(), operators.Outputs());
        CollectionAssert.AreEqual(operators.Outputs(), operators.Outputs(SessionOptimization.None), "It needs no optimizer.");
        Assert.AreEqual(0, operators.Count("DequantizeLinear"));
        Assert.AreEqual(1, operators.Count("QuantizeLinear"));
    }

    [TestMethod]
    public void Random_networks_compute_the_same_to_the_bit()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            AssertSameAsQdq(DeviceProfiles.WithoutCosts, RandomNetwork.Of(seed), $"seed {seed}");
        }
    }

    [TestMethod]
    public void Random_networks_with_signed_activations_compute_the_same_to_the_bit()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            AssertSameAsQdq(DeviceProfiles.Signed, RandomNetwork.Of(seed), $"seed {seed}");
        }
    }

    [TestMethod]
    [DataRow("MaxPool")]
    [DataRow("Reshape")]
    [DataRow("Transpose")]
    [DataRow("Slice")]
    [DataRow("Split")]
    [DataRow("Resize")]
    [DataRow("Concat")]
    [DataRow("Mul")]
    [DataRow("AveragePool")]
    [DataRow("LeakyRelu")]
    public void Operators_between_layers_work_on_bytes(string operation)
    {
        var builder = Between(operation);
        using var model = QuantizedModel.OperatorsFor(DeviceProfiles.FullRange, builder);

        Assert.AreEqual(0, model.Count("DequantizeLinear"), Operators(model));
        Assert.AreEqual(0, operation is "Concat" or "Mul" or "AveragePool" or "LeakyRelu" ? model.Count(operation) : 0, Operators(model));
        AssertSameAsQdq(DeviceProfiles.FullRange, builder);
    }

    [TestMethod]
    public void A_product_gives_floats_and_one_whose_result_is_only_read_as_bytes_gives_bytes()
    {
        var random = new Random(3);
        var builder = ModelBuilder.Create().Input("x", 2, 3, 16).Constant("w", RandomTensors.Singles(random, 256), 16, 16).Constant("v", RandomTensors.Singles(random, 256), 16, 16)
            .Node("MatMul", ["x", "w"], ["p"]).Node("MatMul", ["p", "v"], ["q"]).Node("Exp", ["q"], ["y"]).Output("y", 2, 3, 16);
        using var model = QuantizedModel.OperatorsFor(DeviceProfiles.FullRange, builder);

        Assert.AreEqual("Exp MatMulIntegerToFloat QLinearMatMul QuantizeLinear", Operators(model));
        AssertSameAsQdq(DeviceProfiles.FullRange, builder);
    }

    [TestMethod]
    public void A_value_that_floats_read_too_is_restored_for_them_alone()
    {
        var random = new Random(4);
        var builder = ModelBuilder.Create().Input("x", 1, 16, 4, 4).Constant("w", RandomTensors.Singles(random, 256), 16, 16, 1, 1)
            .Node("Conv", ["x", "w"], ["a"]).Node("Conv", ["a", "w"], ["b"]).Node("Exp", ["a"], ["c"]).Node("Add", ["b", "c"], ["y"]).Output("y", 1, 16, 4, 4);
        using var model = QuantizedModel.OperatorsFor(DeviceProfiles.FullRange, builder);

        Assert.AreEqual("Add DequantizeLinear DequantizeLinear Exp QLinearConv QLinearConv QuantizeLinear", Operators(model));
        AssertSameAsQdq(DeviceProfiles.FullRange, builder);
    }

    [TestMethod]
    public void Layers_that_stay_float_keep_their_weights_as_bytes()
    {
        var random = new Random(5);
        var builder = ModelBuilder.Create().Input("x", 1, 16, 4, 4).Constant("w", RandomTensors.Singles(random, 16 * 16 * 9), 16, 16, 3, 3).Constant("v", RandomTensors.Singles(random, 16 * 16 * 9), 16, 16, 3, 3)
            .Node("Conv", ["x", "w"], ["a"], "first", ("pads", new long[] { 1, 1, 1, 1 })).Node("ConvTranspose", ["a", "v"], ["y"], "second").Output("y", 1, 16, 6, 6);
        using var model = QuantizedModel.OperatorsFor(DeviceProfiles.FullRange, builder);

        Assert.AreEqual("Cast ConvTranspose DequantizeLinear Max Mul QLinearConv QuantizeLinear", Operators(model));
        Assert.AreEqual("int8-weights", model.Layer("second").Format);
        AssertSameAsQdq(DeviceProfiles.FullRange, builder);
    }

    private static void AssertSameAsQdq(DeviceProfile device, ModelBuilder builder, string message = "")
    {
        using var operators = QuantizedModel.OperatorsFor(device, builder);
        using var qdq = QuantizedModel.StaticFor(device, builder);
        CollectionAssert.AreEqual(qdq.Outputs(), operators.Outputs(), $"{message}: {Operators(operators)} against {string.Join(' ', qdq.Running())}");
        Assert.AreEqual(string.Join('\n', qdq.Layers), string.Join('\n', operators.Layers));
    }

    /// <summary>The operators as they are written, in the order of their names.</summary>
    private static string Operators(QuantizedModel model) => string.Join(' ', model.Graph.Node.Select(node => node.OpType).Order(StringComparer.Ordinal));

    private static ModelBuilder Residual(int opset)
    {
        var random = new Random(1);
        return ModelBuilder.Create(opset).Input("x", 1, 16, 8, 8).Constant("w1", RandomTensors.Singles(random, 256), 16, 16, 1, 1).Constant("w2", RandomTensors.Singles(random, 256 * 9), 16, 16, 3, 3)
            .Constant("b", RandomTensors.Singles(random, 16), 16).Constant("m", RandomTensors.Singles(random, 160), 16, 10).Constant("r", RandomTensors.Singles(random, 10), 10).Constant("shape", [1L, 16], 2)
            .Node("Conv", ["x", "w1", "b"], ["a"]).Node("Relu", ["a"], ["ar"]).Node("Conv", ["ar", "w2"], ["c"], ("pads", new long[] { 1, 1, 1, 1 })).Node("Relu", ["c"], ["cr"]).Node("Conv", ["cr", "w1"], ["d"])
            .Node("Add", ["d", "ar"], ["s"]).Node("Relu", ["s"], ["sr"]).Node("GlobalAveragePool", ["sr"], ["p"]).Node("Reshape", ["p", "shape"], ["f"]).Node("Gemm", ["f", "m", "r"], ["y"]).Output("y", 1, 10);
    }

    private static ModelBuilder Between(string operation)
    {
        var random = new Random(2);
        var builder = ModelBuilder.Create().Input("x", 1, 16, 8, 8).Constant("w", RandomTensors.Singles(random, 256), 16, 16, 1, 1).Constant("v", RandomTensors.Singles(random, 512), 16, 32, 1, 1)
            .Constant("shape", [1L, 16, 4, 16], 4).Constant("starts", [0L, 1L], 2).Constant("ends", [7L, 8L], 2).Constant("axes", [2L, 3L], 2).Constant("sizes", [8L, 8L], 2).Constant("scales", [1f, 1f, 2f, 2f], 4)
            .Node("Conv", ["x", "w"], ["a"]).Node("Conv", ["a", "w"], ["b"]);
        builder = operation switch
        {
            "MaxPool" or "AveragePool" => builder.Node(operation, ["b"], ["c"], ("kernel_shape", new long[] { 2, 2 }), ("strides", new long[] { 2, 2 })),
            "Reshape" => builder.Node("Reshape", ["b", "shape"], ["c"]),
            "Transpose" => builder.Node("Transpose", ["b"], ["c"], ("perm", new long[] { 0, 1, 3, 2 })),
            "Slice" => builder.Node("Slice", ["b", "starts", "ends", "axes"], ["c"]),
            "Split" => builder.Node("Split", ["b", "sizes"], ["c1", "c2"], ("axis", 1)).Node("Concat", ["c2", "c1"], ["c"], ("axis", 1)),
            "Resize" => builder.Node("Resize", ["b", "", "scales"], ["c"], ("mode", "nearest")),
            "Concat" => builder.Node("Concat", ["a", "b"], ["c"], ("axis", 1)),
            "Mul" => builder.Node("Mul", ["a", "b"], ["c"]),
            _ => builder.Node("LeakyRelu", ["b"], ["c"], ("alpha", 0.1f)),
        };
        return builder.Node("Conv", ["c", operation == "Concat" ? "v" : "w"], ["d"]).Node("GlobalAveragePool", ["d"], ["e"]).Node("Flatten", ["e"], ["f"]).Constant("m", RandomTensors.Singles(random, 160), 16, 10)
            .Node("Gemm", ["f", "m"], ["y"]).Output("y", 1, 10);
    }
}
