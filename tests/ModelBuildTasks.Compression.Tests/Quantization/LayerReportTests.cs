using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Quantization.Weights;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Quantization;

[TestClass]
public sealed class LayerReportTests
{
    [TestMethod]
    public void A_layer_reports_its_bytes_and_the_SQNR_of_its_weights()
    {
        var builder = ModelBuilder.Create().Input("x", 4, 48).Output("y").Constant("w", RandomTensors.Weight(1, 48, 32)).Constant("b", RandomTensors.Row(2, 32)).Node("Gemm", ["x", "w", "b"], ["y"], "gemm");

        using var quantized = QuantizedModel.Static(builder);

        var layer = quantized.Layer("gemm");
        Assert.AreEqual("Gemm", layer.Op);
        Assert.AreEqual((48 * 32 + 32) * 4, layer.BytesBefore);
        // A byte a weight; for each channel a scale and a zero point, a bias and its scale.
        Assert.AreEqual((48 * 32) + (32 * (4 + 1 + 4 + 4)), layer.BytesAfter);
        Assert.IsTrue(layer.SqnrDb is > 38 and < 60);
    }

    [TestMethod]
    public void An_unnamed_layer_is_called_by_its_first_output()
    {
        var builder = ModelBuilder.Create().Input("x", 1, 16, 4, 4).Output("y").Constant("w", RandomTensors.Weight(1, 16, 16, 3, 3)).Node("Conv", ["x", "w"], ["y"], "");

        using var quantized = QuantizedModel.Static(builder);
        using var kept = QuantizedModel.Static(builder, "y");

        Assert.AreEqual("int8", quantized.Layer("y").Format);
        Assert.AreEqual("float", kept.Layer("y").Format);
    }

    [TestMethod]
    [DataRow(float.NaN)]
    [DataRow(float.PositiveInfinity)]
    public void A_weight_that_is_no_number_is_an_error_that_names_it(float value)
    {
        var weight = RandomTensors.Weight(1, 16, 16).Singles().ToArray();
        weight[77] = value;
        var builder = ModelBuilder.Create().Input("x", 1, 16).Output("y").Constant("broken", weight, 16, 16).Node("MatMul", ["x", "broken"], ["y"]);

        var staticError = Assert.ThrowsExactly<CompressionException>(() => QuantizedModel.Static(builder));
        var weightsError = Assert.ThrowsExactly<CompressionException>(() => QuantizedModel.WeightsOnly(builder));

        foreach (var error in new[] { staticError, weightsError })
        {
            Assert.AreEqual("AIM1006", error.Code);
            StringAssert.Contains(error.Message, "'broken'");
            StringAssert.EndsWith(error.File, "float.onnx");
        }
    }

    [TestMethod]
    public void A_weight_of_another_width_is_checked_too()
    {
        var bytes = Enumerable.Repeat((Half)1, 256).Append(Half.NaN).Skip(1).SelectMany(BitConverter.GetBytes).ToArray();
        var weight = TensorValues.Create("", TensorProto.Types.DataType.Float16, Google.Protobuf.ByteString.CopyFrom(bytes), 16, 16);
        using var folder = new TemporaryFolder();
        using var model = ModelBuilder.Create().Input("x", TensorProto.Types.DataType.Float16, 1, 16).Output("y", TensorProto.Types.DataType.Float16)
            .Constant("broken", weight).Node("MatMul", ["x", "broken"], ["y"]).Load(folder);

        var error = Assert.ThrowsExactly<CompressionException>(() => WeightChecks.RequireFinite(model, model.EditGraph()));

        Assert.AreEqual("AIM1006", error.Code);
    }

    [TestMethod]
    public void A_MatMul_that_runs_as_a_Gemm_is_reported_as_what_it_was()
    {
        var builder = ModelBuilder.Create().Input("x", 4, 48).Output("y").Constant("w", RandomTensors.Weight(1, 48, 32)).Node("MatMul", ["x", "w"], ["y"], "product");

        using var quantized = QuantizedModel.Static(builder);

        Assert.AreEqual("MatMul", quantized.Layer("product").Op);
        quantized.AssertRuns("QGemm");
    }

    [TestMethod]
    public void Recurrent_layers_keep_float_activations_and_say_why()
    {
        var builder = ModelBuilder.Create().Input("x", 5, 2, 40).Output("y").Constant("w", RandomTensors.Weight(1, 1, 96, 40)).Constant("r", RandomTensors.Weight(2, 1, 96, 24))
            .Node("LSTM", ["x", "w", "r"], ["y"], "lstm", ("hidden_size", 24));

        using var quantized = QuantizedModel.Static(builder);

        Assert.AreEqual("int8-weights", quantized.Layer("lstm").Format);
        StringAssert.Contains(quantized.Layer("lstm").Reason, "recurrent");
        quantized.AssertDoesNotRun("Cast", "Mul", "DequantizeLinear", "QuantizeLinear");
        quantized.AssertSqnr(33);
    }

    [TestMethod]
    public void A_value_without_a_range_keeps_its_reader_float()
    {
        using var folder = new TemporaryFolder();
        using var model = ModelBuilder.Create().Input("x", 4, 48).Output("y").Constant("w", RandomTensors.Weight(1, 48, 32)).Node("MatMul", ["x", "w"], ["y"], "product").Load(folder);
        var context = new PassContext(DeviceProfile.Cpu, new ActivationRanges(new Dictionary<string, ValueRange>()), [], CancellationToken.None);

        var layers = new PostTrainingQuantization(FormatAssignment.Int8).Apply(model, context).Layers;

        Assert.AreEqual("int8-weights", layers.Single().Format);
        StringAssert.Contains(layers.Single().Reason, "range of its input 'x'");
    }

    [TestMethod]
    public void A_channel_of_zeros_and_a_bias_that_overflows_do_no_harm()
    {
        var weight = RandomTensors.Weight(1, 16, 16, 1, 1).Singles().ToArray();
        weight.AsSpan(0, 16).Clear();
        weight.AsSpan(16, 16).Fill(1e-30f);
        var bias = RandomTensors.Row(2, 16).Singles().ToArray();
        var builder = ModelBuilder.Create().Input("x", 1, 16, 4, 4).Output("y").Constant("w", weight, 16, 16, 1, 1).Constant("b", bias, 16).Node("Conv", ["x", "w", "b"], ["y"], "conv");

        using var quantized = QuantizedModel.Static(builder);

        quantized.AssertRuns("QLinearConv");
        quantized.AssertSqnr(35);
    }
}
