using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Quantization;

/// <summary>Activations in signed bytes, opened as builds of the runtime for ARM open them: what fuses with unsigned ones fuses with them.</summary>
[TestClass]
public sealed class SignedActivationTests
{
    [TestMethod]
    public void A_signed_activation_has_the_scale_of_the_unsigned_one_and_its_zero_point_less_128()
    {
        var builder = Residual(13);
        using var signed = QuantizedModel.StaticFor(DeviceProfiles.Signed, builder);
        using var unsigned = QuantizedModel.StaticFor(DeviceProfiles.FullRange, builder);

        var (signedPoints, unsignedPoints) = (Quantizers(signed), Quantizers(unsigned));
        Assert.HasCount(unsignedPoints.Length, signedPoints);
        for (var i = 0; i < signedPoints.Length; i++)
        {
            Assert.AreEqual(TensorProto.Types.DataType.Int8, signedPoints[i].ZeroPoint.ElementType());
            Assert.AreEqual(unsignedPoints[i].Scale.Singles()[0], signedPoints[i].Scale.Singles()[0]);
            Assert.AreEqual(unsignedPoints[i].ZeroPoint.RawData[0] - 128, (sbyte)signedPoints[i].ZeroPoint.RawData[0]);
        }

        // The Relu is what saturation at −128 clips.
        Assert.AreEqual(0, signed.Count("Relu"));
        Assert.IsTrue(signedPoints.Any(point => (sbyte)point.ZeroPoint.RawData[0] == sbyte.MinValue));
    }

    [TestMethod]
    [DataRow(13)]
    [DataRow(11)]
    public void A_residual_network_computes_on_signed_bytes_throughout(int opset)
    {
        using var signed = QuantizedModel.StaticFor(DeviceProfiles.Signed, Residual(opset));

        signed.AssertRuns("QLinearConv", "QLinearConv", "QLinearConv", "QLinearAdd", "QLinearConv", "QLinearGlobalAveragePool", "QGemm", "QuantizeLinear");
        signed.AssertSqnr(26);
    }

    [TestMethod]
    [DataRow(nameof(SampleNetwork.MobileNet))]
    [DataRow(nameof(SampleNetwork.ResNet))]
    public void Whole_networks_fuse_and_compute_the_same_with_signed_as_with_unsigned_bytes(string name)
    {
        var network = name == nameof(SampleNetwork.MobileNet) ? SampleNetwork.MobileNet(1) : SampleNetwork.ResNet(1);
        using var signed = QuantizedModel.StaticFor(DeviceProfiles.Signed, network);
        using var unsigned = QuantizedModel.StaticFor(DeviceProfiles.FullRange, network);

        Assert.AreEqual(Running(unsigned), Running(signed));
        AssertSame(unsigned, signed);
    }

    [TestMethod]
    [DataRow("MaxPool")]
    [DataRow("Reshape")]
    [DataRow("Transpose")]
    [DataRow("Slice")]
    [DataRow("Resize")]
    [DataRow("DepthToSpace")]
    [DataRow("Expand")]
    [DataRow("Split")]
    [DataRow("Gather")]
    [DataRow("AveragePool")]
    [DataRow("GlobalAveragePool")]
    [DataRow("LeakyRelu")]
    [DataRow("Add")]
    [DataRow("Mul")]
    [DataRow("Concat")]
    public void Every_operator_between_int8_layers_takes_signed_bytes(string operation)
    {
        var builder = Between(operation);
        using var signed = QuantizedModel.StaticFor(DeviceProfiles.Signed, builder);
        using var unsigned = QuantizedModel.StaticFor(DeviceProfiles.FullRange, builder);

        Assert.IsTrue(signed.Layers.All(layer => layer.Format == "int8"));
        Assert.AreEqual(Running(unsigned), Running(signed));
        signed.AssertSqnr(20);
        AssertSame(unsigned, signed);
    }

    [TestMethod]
    public void A_product_that_reads_shares_takes_them_in_signed_bytes()
    {
        var builder = ModelBuilder.Create().Input("x", 4, 24).Output("y").Constant("w", RandomTensors.Weight(1, 24, 20)).Node("Softmax", ["x"], ["s"]).Node("Gemm", ["s", "w"], ["y"], "product");
        using var signed = QuantizedModel.StaticFor(DeviceProfiles.Signed, builder);

        var (scale, zeroPoint) = Quantizers(signed).Single();
        Assert.AreEqual(1f / 255, scale.Singles()[0]);
        Assert.AreEqual(sbyte.MinValue, (sbyte)zeroPoint.RawData[0]);
        signed.AssertRuns("QGemm");
        signed.AssertSqnr(28);
    }

    [TestMethod]
    public void Networks_that_no_exporter_would_write_compute_the_same_with_signed_bytes()
    {
        for (var seed = 0; seed < 30; seed++)
        {
            using var signed = QuantizedModel.StaticFor(DeviceProfiles.Signed, RandomNetwork.Of(seed));
            using var unsigned = QuantizedModel.StaticFor(DeviceProfiles.FullRange, RandomNetwork.Of(seed));

            // An exponential of an exponential may overflow, in both alike.
            var (expected, actual) = (unsigned.Outputs(SessionOptimization.None), signed.Outputs(SessionOptimization.None));
            CollectionAssert.AreEqual(Array.ConvertAll(expected, float.IsFinite), Array.ConvertAll(actual, float.IsFinite), $"seed {seed}");
            Assert.IsGreaterThanOrEqualTo(100, QuantizedModel.SqnrDb([.. expected.Where(float.IsFinite)], [.. actual.Where(float.IsFinite)]), $"seed {seed}");
            Assert.AreEqual(Running(unsigned), Running(signed), $"seed {seed}");
        }
    }

    private static (TensorProto Scale, TensorProto ZeroPoint)[] Quantizers(QuantizedModel quantized) =>
        [.. quantized.Graph.Node.Where(node => node.OpType == "QuantizeLinear").Select(node => (quantized.Tensor(node.Input[1]), quantized.Tensor(node.Input[2])))];

    private static string Running(QuantizedModel quantized) => string.Join(' ', quantized.Running().Order());

    /// <summary>As they are written both compute the same numbers; the integer kernels of both round the sums of some operators to a neighbour, and one is as near to what is written as the other.</summary>
    private static void AssertSame(QuantizedModel unsigned, QuantizedModel signed)
    {
        var written = unsigned.Outputs(SessionOptimization.None);
        Assert.IsGreaterThanOrEqualTo(100, QuantizedModel.SqnrDb(written, signed.Outputs(SessionOptimization.None)));
        var (ofUnsigned, ofSigned) = (QuantizedModel.SqnrDb(written, unsigned.Outputs()), QuantizedModel.SqnrDb(written, signed.Outputs()));
        Assert.IsGreaterThanOrEqualTo(Math.Min(60, ofUnsigned - 3), ofSigned, $"signed {ofSigned:F1} dB, unsigned {ofUnsigned:F1} dB");
    }

    private static ModelBuilder Residual(int opset) => ModelBuilder.Create(opset)
        .Input("x", 1, 16, 8, 8).Output("y").Constant("a", RandomTensors.Weight(1, 32, 16, 3, 3)).Constant("b", RandomTensors.Row(2, 32)).Constant("c", RandomTensors.Weight(3, 32, 32, 3, 3))
        .Constant("d", RandomTensors.Weight(4, 32, 32, 1, 1)).Constant("g", RandomTensors.Weight(5, 20, 32))
        .Node("Conv", ["x", "a", "b"], ["c1"], "first", ("pads", new[] { 1, 1, 1, 1 })).Node("Relu", ["c1"], ["r1"])
        .Node("Conv", ["r1", "c"], ["c2"], "second", ("pads", new[] { 1, 1, 1, 1 })).Node("Relu", ["c2"], ["r2"])
        .Node("Conv", ["r2", "c"], ["c3"], "third", ("pads", new[] { 1, 1, 1, 1 })).Node("Add", ["c3", "r1"], ["s"]).Node("Relu", ["s"], ["t"])
        .Node("Conv", ["t", "d"], ["c4"], "fourth").Node("GlobalAveragePool", ["c4"], ["p"]).Node("Flatten", ["p"], ["f"]).Node("Gemm", ["f", "g"], ["y"], "last", ("transB", 1));

    private static ModelBuilder Between(string operation)
    {
        var builder = ModelBuilder.Create().Input("x", 1, 16, 8, 8).Output("y").Constant("w", RandomTensors.Weight(1, 32, 16, 3, 3)).Constant("v", RandomTensors.Weight(2, 32, 32, 1, 1))
            .Node("Conv", ["x", "w"], ["c"], "first").Node("Relu", ["c"], ["r"]);
        string Last(string value, int channels)
        {
            builder.Constant("u", RandomTensors.Weight(3, 20, channels, 1, 1)).Node("Conv", [value, "u"], ["y"], "last");
            return value;
        }

        switch (operation)
        {
            case "MaxPool" or "AveragePool":
                builder.Node(operation, ["r"], ["m"], ("kernel_shape", new[] { 2, 2 }), ("strides", new[] { 2, 2 }));
                break;
            case "Reshape":
                builder.Constant("shape", [1L, 32, 4, 9], 4).Node("Reshape", ["r", "shape"], ["m"]);
                break;
            case "Transpose":
                builder.Node("Transpose", ["r"], ["m"], ("perm", new[] { 0, 1, 3, 2 }));
                break;
            case "Slice":
                builder.Constant("starts", [1L], 1).Constant("ends", [5L], 1).Constant("axes", [2L], 1).Node("Slice", ["r", "starts", "ends", "axes"], ["m"]);
                break;
            case "Resize":
                builder.Constant("scales", [1f, 1f, 2f, 2f], 4).Node("Resize", ["r", "", "scales"], ["m"], ("mode", "nearest"), ("coordinate_transformation_mode", "asymmetric"), ("nearest_mode", "floor"));
                break;
            case "DepthToSpace":
                builder.Node("DepthToSpace", ["r"], ["m"], ("blocksize", 2));
                break;
            case "Expand":
                builder.Constant("shape", [2L, 32, 6, 6], 4).Node("Expand", ["r", "shape"], ["m"]);
                break;
            case "Split":
                builder.Node("Split", ["r"], ["m", "n"], ("axis", 1)).Constant("t", RandomTensors.Weight(4, 20, 16, 1, 1)).Node("Conv", ["n", "t"], ["z"], "other").Output("z");
                break;
            case "Gather":
                builder.Constant("indices", [0L, 3, 1], 3).Node("Gather", ["r", "indices"], ["m"], ("axis", 2));
                break;
            case "Add" or "Mul":
                builder.Node("Conv", ["r", "v"], ["o"], "branch").Node(operation, ["o", "r"], ["m"]);
                break;
            case "Concat":
                builder.Node("Conv", ["r", "v"], ["o"], "branch").Node("Concat", ["o", "r"], ["m"], ("axis", 1));
                break;
            default:
                builder.Node(operation, ["r"], ["m"]);
                break;
        }

        Last("m", operation switch { "DepthToSpace" => 8, "Split" => 16, "Concat" => 64, _ => 32 });
        return builder;
    }
}
