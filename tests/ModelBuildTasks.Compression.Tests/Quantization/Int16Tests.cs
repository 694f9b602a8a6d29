using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Quantization;

/// <summary>Weights of 8 bits and activations of 16, which the CPU provider computes in float between QuantizeLinear and DequantizeLinear.</summary>
[TestClass]
public sealed class Int16Tests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    [DataRow(-1f, 2f, false, 3 / 65535.0, 21845)]
    [DataRow(1f, 2f, false, 2 / 65535.0, 0)]
    [DataRow(-3f, -1f, false, 3 / 65535.0, 65535)]
    [DataRow(0f, 0f, false, 1.0, 0)]
    [DataRow(-1f, 2f, true, 2 / 32767.0, 0)]
    [DataRow(-3f, 1f, true, 3 / 32767.0, 0)]
    [DataRow(0f, 0f, true, 1.0, 0)]
    public void A_range_is_just_held_with_zero_in_it_and_signed_ones_are_symmetric(float minimum, float maximum, bool isSigned, double scale, int zeroPoint) =>
        Assert.AreEqual(new Int16Parameters((float)scale, zeroPoint, isSigned), Int16Parameters.FromRange(new ValueRange(minimum, maximum), isSigned));

    /// <summary>−1 … 2 in steps of 3 / 65535: 0.25 is 5461.25 steps, and 5461 steps are 0.2499886; 5 saturates at 2.</summary>
    [TestMethod]
    public void An_input_is_rounded_to_one_of_65536_levels_and_saturates()
    {
        float[] identity = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
        using var model = ModelBuilder.Create().Input("x", 1, 4).Constant("w", identity, 4, 4).Node("MatMul", ["x", "w"], ["y"], "product").Output("y", 1, 4).Load(folder);
        var layer = new PostTrainingQuantization(FormatAssignment.Int16)
            .Apply(model, new PassContext(DeviceProfile.Cpu, new ActivationRanges(new Dictionary<string, ValueRange> { ["x"] = new(-1, 2), ["y"] = new(-1, 2) }), [], CancellationToken.None)).Layers.Single();
        model.Save(folder.File("rounded.onnx"));

        float[] result = [];
        using var session = ModelSession.Open(folder.File("rounded.onnx"), new SessionSettings());
        float[] input = [-1, 0, 0.25f, 5];
        session.Run(
            new Dictionary<string, ModelValue> { ["x"] = new TensorValue(DataType.Float, [1, 4], MemoryMarshal.AsBytes(input.AsSpan()).ToArray()) },
            (_, _, _, bytes) => result = MemoryMarshal.Cast<byte, float>(bytes).ToArray(),
            CancellationToken.None);

        Assert.AreEqual("int16", layer.Format);
        float[] expected = [-1, 0, 0.2499886f, 2];
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], result[i], 2e-7f, $"element {i}");
        }
    }

    [TestMethod]
    [DataRow(10, QuantizeNodes.RuntimeDomain)]
    [DataRow(13, QuantizeNodes.RuntimeDomain)]
    [DataRow(20, QuantizeNodes.RuntimeDomain)]
    [DataRow(21, "")]
    public void Sixteen_bits_are_standard_from_operator_set_21_on_and_the_runtimes_own_below(int opset, string domain)
    {
        using var model = QuantizedModel.Int16For(DeviceProfiles.WithoutCosts, Chain(opset));

        Assert.IsTrue(model.Graph.Node.Where(node => node.OpType is "QuantizeLinear" or "DequantizeLinear").All(node => OnnxModel.CanonicalDomain(node.Domain) == domain));
        model.AssertSqnr(35);
    }

    [TestMethod]
    public void Each_value_that_a_layer_reads_or_writes_has_one_pair_and_a_product_at_the_end_gives_floats()
    {
        using var model = QuantizedModel.Int16For(DeviceProfiles.WithoutCosts, Chain(13));

        // x, the convolutions, the pooled values, and their flat form that the Gemm reads.
        Assert.AreEqual("x a b p f", string.Join(' ', Pairs(model).Select(pair => pair.Value)));
        Assert.IsTrue(model.Layers.All(layer => layer.Format == "int16"));
        Assert.AreEqual("int16: ", model.Trace("Flatten_4"));
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void The_device_decides_whether_they_are_signed(bool isSigned)
    {
        using var model = QuantizedModel.Int16For(isSigned ? DeviceProfiles.Signed : DeviceProfiles.WithoutCosts, Chain(13));

        foreach (var pair in Pairs(model))
        {
            Assert.AreEqual(isSigned ? DataType.Int16 : DataType.Uint16, pair.ZeroPoint.ElementType());
            Assert.IsEmpty(pair.ZeroPoint.Dims);
            Assert.IsTrue(!isSigned || pair.ZeroPoint.RawData.All(value => value == 0));
        }

        model.AssertSqnr(35);
    }

    /// <summary>Each form of a product that the runtime would quantize by itself.</summary>
    [TestMethod]
    [DataRow("", 2)]
    [DataRow("Relu", 2)]
    [DataRow("Clip", 2)]
    [DataRow("Add", 2)]
    [DataRow("Add", 3)]
    public void No_weight_is_restored_on_a_run(string behind, int rank)
    {
        var random = new Random(3);
        long[] shape = [.. Enumerable.Repeat(1L, rank - 1), 64];
        var builder = ModelBuilder.Create().Input("x", shape).Constant("w", RandomTensors.Singles(random, 64 * 64), 64, 64).Constant("v", RandomTensors.Singles(random, 64 * 64), 64, 64)
            .Constant("least", [0f]).Constant("most", [6f]).Constant("row", RandomTensors.Singles(random, 64), 64)
            .Node(behind == "Add" ? "MatMul" : "Gemm", ["x", "w"], [behind.Length == 0 ? "b" : "a"]);
        builder = behind switch
        {
            "" => builder,
            "Clip" => builder.Node("Clip", ["a", "least", "most"], ["b"]),
            "Add" => builder.Node("Add", ["a", "row"], ["b"]),
            _ => builder.Node(behind, ["a"], ["b"]),
        };
        using var model = QuantizedModel.Int16For(DeviceProfiles.WithoutCosts, builder.Node("MatMul", ["b", "v"], ["y"]).Output("y", shape));

        Assert.AreEqual("x b", string.Join(' ', Pairs(model).Select(pair => pair.Value)));
        model.AssertRuns();
        model.AssertSqnr(35);
    }

    [TestMethod]
    public void An_operator_that_moves_values_keeps_their_scale()
    {
        using var model = QuantizedModel.Int16For(DeviceProfiles.WithoutCosts, Chain(13));

        var pairs = Pairs(model).ToDictionary(pair => pair.Value);
        Assert.AreEqual(pairs["p"].Scale.Singles()[0], pairs["f"].Scale.Singles()[0]);
        Assert.AreNotEqual(pairs["a"].Scale.Singles()[0], pairs["b"].Scale.Singles()[0]);
    }

    [TestMethod]
    [DataRow(nameof(SampleNetwork.MobileNet))]
    [DataRow(nameof(SampleNetwork.ResNet))]
    public void Whole_networks_restore_no_weight_on_a_run_and_are_near_their_form_with_float_activations(string name)
    {
        var network = name == nameof(SampleNetwork.MobileNet) ? SampleNetwork.MobileNet(1) : SampleNetwork.ResNet(1);
        using var model = QuantizedModel.Int16For(DeviceProfiles.WithoutCosts, network);
        using var int8 = QuantizedModel.StaticFor(DeviceProfiles.FullRange, network);

        model.AssertRuns();
        model.AssertDoesNotRun("QLinearConv", "QGemm", "QLinearAdd");
        Console.WriteLine($"{name}: {model.SqnrDb():F1} dB as int16, {int8.SqnrDb():F1} dB as int8");
        Assert.IsGreaterThan(int8.SqnrDb() + 1, model.SqnrDb());
    }

    [TestMethod]
    public void Random_networks_are_near_their_form_with_float_activations()
    {
        var judged = 0;
        for (var seed = 0; seed < 40; seed++)
        {
            using var model = QuantizedModel.Int16For(seed % 2 == 0 ? DeviceProfiles.WithoutCosts : DeviceProfiles.Signed, RandomNetwork.Of(seed));
            using var weights = QuantizedModel.WeightsOnly(RandomNetwork.Of(seed));
            model.AssertRuns();
            // A few of these networks leave the range of floats themselves.
            if (weights.SqnrDb(model) is var sqnr && double.IsFinite(sqnr))
            {
                Assert.IsGreaterThan(20, sqnr, $"seed {seed}");
                judged++;
            }
        }

        Assert.IsGreaterThan(30, judged);
    }

    [TestMethod]
    public void A_layer_that_KeepFloat_names_is_float_and_one_without_a_plan_has_weights_only()
    {
        var random = new Random(1);
        var builder = ModelBuilder.Create().Input("x", 1, 16, 4, 4).Constant("w", RandomTensors.Singles(random, 16 * 16 * 9), 16, 16, 3, 3)
            .Constant("u", RandomTensors.Singles(random, 16 * 16 * 9), 16, 16, 3, 3).Constant("v", RandomTensors.Singles(random, 16 * 16 * 9), 16, 16, 3, 3)
            .Node("Conv", ["x", "w"], ["a"], "kept").Node("ConvTranspose", ["a", "u"], ["b"], "transposed").Node("Conv", ["b", "v"], ["y"], "last").Output("y", 1, 16, 2, 2);
        using var model = QuantizedModel.Int16For(DeviceProfiles.WithoutCosts, builder, "kept");

        Assert.AreEqual("float int8-weights int16", string.Join(' ', model.Layers.Select(layer => layer.Format)));
        Assert.AreEqual("b y", string.Join(' ', Pairs(model).Select(pair => pair.Value)));
        Assert.Contains("ConvTranspose", model.Layer("transposed").Reason!);
    }

    [TestMethod]
    public void Layers_of_one_model_may_have_8_and_16_bits()
    {
        var random = new Random(2);
        var builder = ModelBuilder.Create().Input("x", 1, 16, 4, 4).Constant("w", RandomTensors.Singles(random, 256), 16, 16, 1, 1).Constant("v", RandomTensors.Singles(random, 256), 16, 16, 1, 1)
            .Node("Conv", ["x", "w"], ["a"], "narrow").Node("Conv", ["a", "v"], ["y"], "wide").Output("y", 1, 16, 4, 4);
        using var model = OnnxModel.Load(builder.Save(folder));
        var ranges = new ActivationRanges(new[] { "x", "a", "y" }.ToDictionary(value => value, _ => new ValueRange(-8, 8)));
        var formats = FormatAssignment.Int8 with { Choices = new Dictionary<string, LayerChoice> { ["wide"] = new(LayerFormat.Int16) } };

        var layers = new PostTrainingQuantization(formats).Apply(model, new PassContext(DeviceProfiles.WithoutCosts, ranges, [], CancellationToken.None)).Layers;
        model.Save(folder.File("mixed.onnx"));

        Assert.AreEqual("int8 int16", string.Join(' ', layers.Select(layer => layer.Format)));
        var zeroPoints = model.Proto.Graph.Node.Where(node => node.OpType == "QuantizeLinear").ToDictionary(node => node.Output[0], node => model.Proto.Graph.Initializer.Single(tensor => tensor.Name == node.Input[2]).ElementType());
        Assert.AreEqual(DataType.Uint8, zeroPoints["x_q"]);
        Assert.AreEqual(DataType.Uint8, zeroPoints["a_q"]);
        Assert.AreEqual(DataType.Uint16, zeroPoints["y_q"]);
        ModelSession.Open(folder.File("mixed.onnx"), new SessionSettings()).Dispose();
    }

    private static IEnumerable<(string Value, TensorProto Scale, TensorProto ZeroPoint)> Pairs(QuantizedModel model) =>
        model.Graph.Node.Where(node => node.OpType == "QuantizeLinear").Select(node => (node.Output[0].Replace("_q", "", StringComparison.Ordinal), model.Tensor(node.Input[1]), model.Tensor(node.Input[2])));

    private static ModelBuilder Chain(int opset)
    {
        var random = new Random(1);
        return ModelBuilder.Create(opset).Input("x", 1, 16, 8, 8).Constant("w", RandomTensors.Singles(random, 16 * 16 * 9), 16, 16, 3, 3).Constant("v", RandomTensors.Singles(random, 16 * 16 * 9), 16, 16, 3, 3)
            .Constant("m", RandomTensors.Singles(random, 16 * 64), 16, 64).Constant("r", RandomTensors.Singles(random, 64), 64)
            .Node("Conv", ["x", "w"], ["a"], "first").Node("Conv", ["a", "v"], ["c"], "second").Node("Relu", ["c"], ["b"]).Node("GlobalAveragePool", ["b"], ["p"]).Node("Flatten", ["p"], ["f"])
            .Node("Gemm", ["f", "m", "r"], ["y"], "last").Output("y", 1, 64);
    }
}
