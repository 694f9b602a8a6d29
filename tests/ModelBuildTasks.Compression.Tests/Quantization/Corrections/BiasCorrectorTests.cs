using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Quantization.Weights;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Quantization.Corrections;

[TestClass]
public sealed class BiasCorrectorTests
{
    private const int Channels = 16;
    private const int Side = 6;

    private static readonly FormatAssignment Int4 = FormatAssignment.Int4Weights(BlockOptions.Default);
    private static readonly CorrectionSwitches BiasOnly = CorrectionSwitches.None with { Bias = true };

    /// <summary>Layers without padding, whose outputs are y [n, 16, positions] or [n, 16]; and the positions.</summary>
    public static IEnumerable<object[]> Layers =>
    [
        ["Conv", 16], ["Conv without bias", 16], ["Conv in groups", 16], ["Conv, depthwise", 16], ["Conv, 1-D", 34], ["Gemm", 1], ["Gemm with transB, alpha and beta", 1], ["Gemm without bias", 1], ["MatMul and Add", 1], ["MatMul of a sequence and Add", 1],
    ];

    [TestMethod]
    [DynamicData(nameof(Layers))]
    public void Constant_channels_have_no_error_left_with_weights_as_bytes(string layer, int inner)
    {
        using var model = Model(layer, deviation: 0);

        var before = model.MeanError(FormatAssignment.Int8Weights, CorrectionSwitches.None, Channels, inner);
        var after = model.MeanError(FormatAssignment.Int8Weights, BiasOnly, Channels, inner);

        Assert.IsGreaterThan(1e-3, before);
        Assert.IsLessThan(before / 100, after);
    }

    [TestMethod]
    [DynamicData(nameof(Layers))]
    public void The_mean_error_of_random_inputs_becomes_smaller_with_weights_as_bytes(string layer, int inner)
    {
        using var model = Model(layer, deviation: 1);

        // What is left are the four digits of the means.
        Assert.IsLessThan(model.MeanError(FormatAssignment.Int8Weights, CorrectionSwitches.None, Channels, inner) / 20, model.MeanError(FormatAssignment.Int8Weights, BiasOnly, Channels, inner));
    }

    [TestMethod]
    [DynamicData(nameof(Layers))]
    public void The_mean_error_becomes_smaller_with_activations_as_bytes(string layer, int inner)
    {
        using var model = Model(layer, deviation: 1);

        // Activations round too, which is no matter of weights.
        Assert.IsLessThan(model.MeanError(FormatAssignment.Int8, CorrectionSwitches.None, Channels, inner) * 0.7, model.MeanError(FormatAssignment.Int8, BiasOnly, Channels, inner));
    }

    [TestMethod]
    [DataRow("Conv")]
    [DataRow("Conv without bias")]
    [DataRow("Gemm")]
    [DataRow("MatMul and Add")]
    public void Constant_channels_have_no_error_left_with_weights_in_blocks(string layer)
    {
        var inner = layer.StartsWith("Conv", StringComparison.Ordinal) ? Side * Side : 1;
        using var model = BlockModel(layer, 64, 64, deviation: 0);

        var before = model.MeanError(Int4, CorrectionSwitches.None, 64, inner);
        var after = model.MeanError(Int4, BiasOnly, 64, inner);

        Assert.IsGreaterThan(1e-2, before);
        Assert.IsLessThan(before / 100, after);
    }

    [TestMethod]
    [DataRow("Gemm")]
    [DataRow("Gemm without bias")]
    [DataRow("MatMul and Add")]
    public void What_becomes_the_runtimes_own_product_is_corrected_too(string layer)
    {
        using var model = BlockModel(layer, 384, 256, deviation: 1);

        // The product rounds its input in blocks, which is no matter of weights.
        Assert.IsTrue(model.Quantize(Int4, BiasOnly).Graph.Node.Any(node => node.OpType == "MatMulNBits"));
        Assert.IsLessThan(model.MeanError(Int4, CorrectionSwitches.None, 256) / 10, model.MeanError(Int4, BiasOnly, 256));
    }

    [TestMethod]
    public void Every_layer_that_reads_a_weight_in_blocks_is_corrected_by_its_own_means()
    {
        var builder = ModelBuilder.Create().Input("x", 1, 384).Constant("w", RandomTensors.Weight(1, 384, 384)).Constant("b", RandomTensors.Row(2, 384)).Constant("c", RandomTensors.Row(3, 384))
            .Node("Gemm", ["x", "w", "b"], ["h"]).Node("Gemm", ["h", "w", "c"], ["y"]).Output("y", 1, 384);
        using var model = new CorrectedModel(builder, Values(0, 384, 1, 20), 20, 384);

        Assert.IsLessThan(model.MeanError(Int4, CorrectionSwitches.None, 384) / 10, model.MeanError(Int4, BiasOnly, 384));
    }

    [TestMethod]
    public void Without_means_nothing_is_corrected()
    {
        using var model = Model("Conv", deviation: 1);
        foreach (var formats in new[] { FormatAssignment.Int8, FormatAssignment.Int8Weights })
        {
            Assert.AreEqual(model.Quantize(formats, CorrectionSwitches.None), model.Quantize(formats, BiasOnly, new ActivationRanges(model.Ranges.Ranges)));
            Assert.AreNotEqual(model.Quantize(formats, CorrectionSwitches.None), model.Quantize(formats, BiasOnly));
        }
    }

    [TestMethod]
    public void A_committed_ranges_file_gives_the_same_model()
    {
        using var folder = new TemporaryFolder();
        using var model = Model("Conv", deviation: 1);
        model.Ranges.Save(folder.File("ranges.json"));

        Assert.AreEqual(model.Quantize(FormatAssignment.Int8, CorrectionSwitches.All), model.Quantize(FormatAssignment.Int8, CorrectionSwitches.All, ActivationRanges.Load(folder.File("ranges.json"))));
    }

    [TestMethod]
    public void A_product_without_a_sum_gets_none()
    {
        using var model = new CorrectedModel(
            ModelBuilder.Create().Input("x", 1, 3, Channels).Constant("w", RandomTensors.Weight(1, Channels, 20)).Node("MatMul", ["x", "w"], ["y"]).Output("y", 1, 3, 20), Values(0.5, Channels, 1, 20 * 3), 20, 3, Channels);

        foreach (var formats in new[] { FormatAssignment.Int8, FormatAssignment.Int8Weights })
        {
            Assert.AreEqual(model.Quantize(formats, CorrectionSwitches.None), model.Quantize(formats, BiasOnly));
        }
    }

    [TestMethod]
    public void A_bias_of_two_layers_becomes_one_for_each()
    {
        using var model = new CorrectedModel(
            ModelBuilder.Create().Input("x", 1, Channels, Side, Side)
                .Constant("v", RandomTensors.Weight(1, Channels, Channels, 1, 1)).Constant("w", RandomTensors.Weight(2, Channels, Channels, 1, 1)).Constant("b", RandomTensors.Row(3, Channels))
                .Node("Conv", ["x", "v", "b"], ["h"]).Node("Conv", ["h", "w", "b"], ["y"]).Output("y", 1, Channels, Side, Side),
            Values(0, Channels, Side * Side, 4),
            4,
            Channels,
            Side,
            Side);

        Assert.IsLessThan(model.MeanError(FormatAssignment.Int8Weights, CorrectionSwitches.None, Channels, Side * Side) / 100, model.MeanError(FormatAssignment.Int8Weights, BiasOnly, Channels, Side * Side));
    }

    /// <summary>A layer whose weight is stored in blocks.</summary>
    private static CorrectedModel BlockModel(string layer, int inputs, int outputs, double deviation)
    {
        var isConvolution = layer.StartsWith("Conv", StringComparison.Ordinal);
        long[] shape = isConvolution ? [4, inputs, Side, Side] : [20, inputs];
        var builder = ModelBuilder.Create().Input("x", [1, .. shape.Skip(1)]).Constant("b", RandomTensors.Row(2, outputs))
            .Constant("w", isConvolution ? RandomTensors.Weight(1, outputs, inputs, 1, 1) : RandomTensors.Weight(1, inputs, outputs));
        builder = layer switch
        {
            "Conv" or "Gemm" => builder.Node(layer, ["x", "w", "b"], ["y"]),
            "Conv without bias" or "Gemm without bias" => builder.Node(layer.Split(' ')[0], ["x", "w"], ["y"]),
            _ => builder.Node("MatMul", ["x", "w"], ["h"]).Node("Add", ["h", "b"], ["y"]),
        };
        return new CorrectedModel(builder.Output("y"), Values(deviation, inputs, isConvolution ? Side * Side : 1, (int)shape[0]), shape);
    }

    private static CorrectedModel Model(string layer, double deviation)
    {
        var isConvolution = layer.StartsWith("Conv", StringComparison.Ordinal);
        var isSequence = layer.Contains("sequence", StringComparison.Ordinal);
        long[] shape = layer == "Conv, 1-D" ? [4, Channels, Side * Side] : isConvolution ? [4, Channels, Side, Side] : isSequence ? [50, 3, Channels] : [50, Channels];
        var builder = ModelBuilder.Create().Input("x", [1, .. shape.Skip(1)]).Constant("b", RandomTensors.Row(2, Channels));
        builder = layer switch
        {
            "Conv" => Weight(Channels, Channels, 3, 3).Node("Conv", ["x", "w", "b"], ["y"]),
            "Conv without bias" => Weight(Channels, Channels, 3, 3).Node("Conv", ["x", "w"], ["y"]),
            "Conv in groups" => Weight(Channels, 4, 3, 3).Node("Conv", ["x", "w", "b"], ["y"], ("group", 4)),
            "Conv, depthwise" => Weight(Channels, 1, 3, 3).Node("Conv", ["x", "w", "b"], ["y"], ("group", Channels)),
            "Conv, 1-D" => Weight(Channels, Channels, 3).Node("Conv", ["x", "w", "b"], ["y"]),
            "Gemm" => Weight(Channels, Channels).Node("Gemm", ["x", "w", "b"], ["y"]),
            "Gemm with transB, alpha and beta" => Weight(Channels, Channels).Node("Gemm", ["x", "w", "b"], ["y"], ("transB", 1), ("alpha", 1.7f), ("beta", 0.3f)),
            "Gemm without bias" => Weight(Channels, Channels).Node("Gemm", ["x", "w"], ["y"]),
            _ => Weight(Channels, Channels).Node("MatMul", ["x", "w"], ["h"]).Node("Add", ["h", "b"], ["y"]),
        };
        return new CorrectedModel(builder.Output("y"), Values(deviation, Channels, isConvolution ? Side * Side : 1, isSequence ? 150 : (int)shape[0]), shape);

        ModelBuilder Weight(params long[] dims) => builder.Constant("w", RandomTensors.Weight(1, dims));
    }

    /// <summary>Channels of different means, their positions one behind the other.</summary>
    private static float[] Values(double deviation, int channels, int positions, int repeats)
    {
        var random = new Random(5);
        return [.. Enumerable.Range(0, channels * positions * repeats).Select(index => (float)(1 + (0.5 * (index / positions % channels)) + (deviation * ((2 * random.NextDouble()) - 1))))];
    }
}
