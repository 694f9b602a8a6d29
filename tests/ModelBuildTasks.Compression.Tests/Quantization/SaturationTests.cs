using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Quantization;

/// <summary>The sums of each output channel of quantized layers, in an emulation of the 16-bit products of x64 processors without VNNI and in the order of the runtime's kernels.</summary>
[TestClass]
public sealed class SaturationTests
{
    [TestMethod]
    [DataRow(new long[] { 24, 16, 1, 1 }, 1, "pointwise")]
    [DataRow(new long[] { 24, 16, 3, 3 }, 1, "dense")]
    [DataRow(new long[] { 24, 3, 3, 3 }, 1, "three channels: pairs across positions, and an odd last one")]
    [DataRow(new long[] { 24, 5, 7 }, 1, "one dimension, odd")]
    [DataRow(new long[] { 8, 3, 3, 3, 3 }, 1, "three dimensions")]
    [DataRow(new long[] { 32, 4, 3, 3 }, 4, "groups")]
    [DataRow(new long[] { 32, 3, 3, 3 }, 8, "groups of an odd number of channels")]
    public void No_activations_saturate_a_convolution_with_the_pair_bound_and_some_do_without(long[] weight, int group, string what)
    {
        var builder = Convolution(weight, group);
        using var bounded = QuantizedModel.Static(builder);
        using var full = QuantizedModel.StaticFor(DeviceProfiles.FullRange, builder);

        Assert.AreEqual("int8", bounded.Layer("conv").Format);
        Assert.AreEqual(0, CountSaturated(ConvolutionSums(bounded.Tensor("w_q"))), what);
        Assert.IsGreaterThan(0, CountSaturated(ConvolutionSums(full.Tensor("w_q"))), what);
        bounded.AssertRuns("QLinearConv");
        bounded.AssertSqnr(28);
    }

    [TestMethod]
    public void A_depthwise_convolution_keeps_the_full_range()
    {
        var builder = Separable(depthMultiplier: 1);
        using var bounded = QuantizedModel.Static(builder);
        using var full = QuantizedModel.StaticFor(DeviceProfiles.FullRange, builder);

        Assert.AreEqual("int8", bounded.Layer("depthwise").Format);
        Assert.AreEqual(full.Tensor("w2_q"), bounded.Tensor("w2_q"));
        Assert.AreNotEqual(full.Tensor("w1_q"), bounded.Tensor("w1_q"));
    }

    [TestMethod]
    public void Several_channels_out_of_one_are_no_depthwise_convolution_to_the_runtime()
    {
        var builder = Separable(depthMultiplier: 2);
        using var bounded = QuantizedModel.Static(builder);
        using var full = QuantizedModel.StaticFor(DeviceProfiles.FullRange, builder);

        Assert.AreEqual("int8", bounded.Layer("depthwise").Format);
        Assert.AreEqual(0, CountSaturated(ConvolutionSums(bounded.Tensor("w2_q"))));
        Assert.IsGreaterThan(0, CountSaturated(ConvolutionSums(full.Tensor("w2_q"))));
    }

    [TestMethod]
    [DataRow("Gemm", 48, 0, false)]
    [DataRow("Gemm", 37, 0, false)]
    [DataRow("Gemm", 48, 1, false)]
    [DataRow("Gemm", 37, 1, false)]
    [DataRow("MatMul", 37, 0, false)]
    [DataRow("MatMul", 48, 0, true)]
    [DataRow("MatMul", 37, 0, true)]
    public void No_activations_saturate_a_matrix_product_with_the_pair_bound_and_some_do_without(string operation, int depth, int transB, bool isTransposed)
    {
        var rows = transB == 1 || isTransposed;
        var builder = ModelBuilder.Create().Input("x", 2, 3, depth).Output("y").Constant("shape", [6L, depth], 2)
            .Constant("w", RandomTensors.Singles(new Random(3), depth * 20), rows ? 20 : depth, rows ? depth : 20)
            .Node("Transpose", ["w"], ["wt"], ("perm", new[] { 1, 0 })).Node("Reshape", ["x", "shape"], ["xm"]);
        builder = operation == "Gemm" ? builder.Node("Gemm", ["xm", "w"], ["y"], "product", ("transB", transB)) : builder.Node("MatMul", ["x", isTransposed ? "wt" : "w"], ["y"], "product");

        using var bounded = QuantizedModel.Static(builder);
        using var full = QuantizedModel.StaticFor(DeviceProfiles.FullRange, builder);

        Assert.AreEqual("int8", bounded.Layer("product").Format);
        Assert.AreEqual(0, CountSaturated(rows ? RowSums(bounded.Tensor("w_q")) : ColumnSums(bounded.Tensor("w_q"))));
        Assert.IsGreaterThan(0, CountSaturated(rows ? RowSums(full.Tensor("w_q")) : ColumnSums(full.Tensor("w_q"))));
        bounded.AssertRuns(operation == "Gemm" ? "QGemm" : "MatMulIntegerToFloat");
        bounded.AssertSqnr(33);
    }

    [TestMethod]
    [DataRow(40)]
    [DataRow(37)]
    public void The_matrices_of_an_LSTM_are_summed_along_inputs_and_hidden_values(int depth)
    {
        const int Hidden = 12;
        using var folder = new TemporaryFolder();
        using var model = ModelBuilder.Create().Input("x", 5, 2, depth).Output("y")
            .Constant("w", RandomTensors.Singles(new Random(1), 2 * 4 * Hidden * depth), 2, 4 * Hidden, depth).Constant("r", RandomTensors.Singles(new Random(2), 2 * 4 * Hidden * Hidden), 2, 4 * Hidden, Hidden)
            .Node("LSTM", ["x", "w", "r"], ["y"], "lstm", ("hidden_size", Hidden), ("direction", "bidirectional")).Load(folder);
        var graph = model.EditGraph();
        var node = graph.Nodes.Single(node => node.OpType == "LSTM");

        foreach (var weight in Layers.Weights(node, graph))
        {
            Assert.AreEqual(0, CountSaturated(RowSums(Bounded(node, weight))), weight.Name);
            Assert.IsGreaterThan(0, CountSaturated(RowSums(FullRange(weight))), weight.Name);
        }
    }

    [TestMethod]
    [DataRow(8)]
    [DataRow(5)]
    public void No_pair_lies_across_two_matrices_of_a_batch(int depth)
    {
        using var folder = new TemporaryFolder();
        var values = RandomTensors.Singles(new Random(1), 3 * depth * 7);
        using var model = ModelBuilder.Create().Input("x", 3, 2, depth).Output("y").Constant("w", values, 3, depth, 7).Node("MatMul", ["x", "w"], ["y"], "product").Load(folder);
        var graph = model.EditGraph();
        var node = graph.Nodes.Single();
        var weight = Layers.Weights(node, graph).Single();
        var tensor = Bounded(node, weight);
        var bytes = Bytes(tensor);

        for (var batch = 0; batch < 3; batch++)
        {
            var matrix = TensorValues.Create("", bytes.AsSpan(batch * depth * 7, depth * 7), depth, 7);
            Assert.AreEqual(0, CountSaturated(ColumnSums(matrix)));
        }

        // The last row of an odd number is alone and never moved: each of its bytes is the rounded weight.
        if (depth % 2 == 1)
        {
            var scales = PairBoundQuantizer.Scales(new SinglesReader(values), weight.Axis, new PairBound(PairOrder.Of(node, weight)!.Value, 128));
            for (var i = ((depth - 1) * 7); i < depth * 7; i++)
            {
                Assert.AreEqual(MathF.Round(values[i] / scales[i % 7]), bytes[i]);
            }
        }
    }

    [TestMethod]
    public void A_weight_that_is_read_plain_and_transposed_is_safe_in_either_order()
    {
        var builder = ModelBuilder.Create().Input("x", 4, 24).Output("y").Output("z").Constant("w", RandomTensors.Singles(new Random(5), 24 * 24), 24, 24)
            .Node("Gemm", ["x", "w"], ["y"], "plain").Node("Gemm", ["x", "w"], ["z"], "transposed", ("transB", 1));

        using var quantized = QuantizedModel.Static(builder);

        var stored = quantized.Graph.Initializer.Where(tensor => tensor.ElementCount() == 24 * 24).ToDictionary(tensor => tensor.Name);
        Assert.HasCount(2, stored);
        Assert.AreEqual(0, CountSaturated(ColumnSums(stored[BytesOf(quantized, "plain")])));
        Assert.AreEqual(0, CountSaturated(RowSums(stored[BytesOf(quantized, "transposed")])));
        quantized.AssertRuns("QGemm", "QGemm");
        quantized.AssertSqnr(30);
    }

    [TestMethod]
    public void Every_factor_of_a_product_has_bytes_that_are_safe()
    {
        var builder = ModelBuilder.Create().Input("x", 4, 24).Output("y").Output("z").Constant("w", RandomTensors.Singles(new Random(5), 24 * 24), 24, 24)
            .Node("Gemm", ["x", "w"], ["y"], "plain").Node("Gemm", ["x", "w"], ["z"], "scaled", ("alpha", -2.5f));

        using var quantized = QuantizedModel.Static(builder);

        Assert.AreEqual(0, CountSaturated(ColumnSums(quantized.Tensor(BytesOf(quantized, "plain")))));
        Assert.AreEqual(0, CountSaturated(ColumnSums(quantized.Tensor(BytesOf(quantized, "scaled")))));
    }

    [TestMethod]
    public void Float_readers_share_the_safe_bytes_of_an_int8_layer()
    {
        var builder = ModelBuilder.Create().Input("x", 3, 16).Output("y").Constant("w", RandomTensors.Singles(new Random(1), 40 * 16), 40, 16).Constant("ids", [7L, 1L, 39L], 3)
            .Node("Gather", ["w", "ids"], ["e"], "embedding").Node("Add", ["x", "e"], ["s"]).Node("Gemm", ["s", "w"], ["y"], "logits", ("transB", 1));

        using var quantized = QuantizedModel.Static(builder);

        var bytes = quantized.Graph.Initializer.Single(tensor => tensor.ElementCount() == 40 * 16);
        Assert.AreEqual(0, CountSaturated(RowSums(bytes)));
        Assert.AreEqual("int8-weights", quantized.Layer("embedding").Format);
    }

    [TestMethod]
    public void Weights_whose_layer_computes_in_float_keep_the_full_range()
    {
        var builder = Convolution([24, 16, 3, 3], 1);
        using var weights = QuantizedModel.WeightsOnly(builder);
        using var full = QuantizedModel.StaticFor(DeviceProfiles.FullRange, builder);

        Assert.AreEqual(full.Tensor("w_q").RawData, weights.Tensor("w_q").RawData);
    }

    [TestMethod]
    public void A_scale_that_a_bias_raised_keeps_the_bound()
    {
        // Inputs of a thousandth: a bias of 40,000 needs more than the weight's own scale.
        var bias = Enumerable.Range(0, 24).Select(channel => channel % 2 == 0 ? 40_000f : 0.1f).ToArray();
        var builder = ModelBuilder.Create().Input("image", 1, 16, 6, 6).Output("y").Constant("small", [1e-3f])
            .Constant("w", RandomTensors.Weight(1, 24, 16, 3, 3)).Constant("b", bias, 24).Node("Mul", ["image", "small"], ["x"]).Node("Conv", ["x", "w", "b"], ["y"], "conv");

        using var bounded = QuantizedModel.Static(builder);

        Assert.AreEqual("int8", bounded.Layer("conv").Format);
        Assert.AreEqual(0, CountSaturated(ConvolutionSums(bounded.Tensor("w_q"))));
        Assert.IsGreaterThan(bounded.Tensor("w_s").Singles()[1] * 2, bounded.Tensor("w_s").Singles()[0]);
        bounded.AssertSqnr(40);
    }

    private static ModelBuilder Convolution(long[] weight, int group) => ModelBuilder.Create()
        .Input("x", [1, weight[1] * group, .. Enumerable.Repeat(9L, weight.Length - 2)]).Output("y")
        .Constant("w", RandomTensors.Weight(1, weight)).Constant("b", RandomTensors.Row(2, weight[0]))
        .Node("Conv", ["x", "w", "b"], ["y"], "conv", ("group", group));

    private static ModelBuilder Separable(int depthMultiplier) => ModelBuilder.Create()
        .Input("x", 1, 16, 10, 10).Output("y")
        .Constant("w1", RandomTensors.Weight(1, 32, 16, 1, 1)).Constant("w2", RandomTensors.Weight(2, 32 * depthMultiplier, 1, 3, 3)).Constant("w3", RandomTensors.Weight(3, 32, 32 * depthMultiplier, 1, 1))
        .Node("Conv", ["x", "w1"], ["c1"], "expand").Node("Relu", ["c1"], ["r1"])
        .Node("Conv", ["r1", "w2"], ["c2"], "depthwise", ("group", 32)).Node("Relu", ["c2"], ["r2"])
        .Node("Conv", ["r2", "w3"], ["y"], "project");

    private static string BytesOf(QuantizedModel quantized, string node) =>
        quantized.Graph.Node.Single(other => other.Output[0] == quantized.Graph.Node.Single(layer => layer.Name == node).Input[1]).Input[0];

    private static TensorProto Bounded(NodeProto node, LayerWeight weight)
    {
        var values = new SinglesReader(weight.Tensor);
        var bound = new PairBound(PairOrder.Of(node, weight)!.Value, 128);
        return Tensor(PairBoundQuantizer.Quantize(values, weight.Axis, bound, PairBoundQuantizer.Scales(values, weight.Axis, bound), length => new PayloadWriter(length)), weight);
    }

    private static TensorProto FullRange(LayerWeight weight)
    {
        var values = new SinglesReader(weight.Tensor);
        return Tensor(WeightQuantizer.Quantize(values, weight.Axis, WeightQuantizer.Scales(values, weight.Axis), length => new PayloadWriter(length)), weight);
    }

    private static TensorProto Tensor(QuantizedWeight quantized, LayerWeight weight) =>
        TensorValues.Create("", TensorProto.Types.DataType.Int8, quantized.Values, [.. weight.Tensor.Dims]);

    private static int CountSaturated(IEnumerable<sbyte[]> sums) => sums.Sum(weights => SaturatingProducts.CountSaturated(weights));

    private static sbyte[] Bytes(TensorProto tensor) => Array.ConvertAll(tensor.RawData.ToByteArray(), value => unchecked((sbyte)value));

    /// <summary>The weights of each output channel, kernel position after kernel position and in each the channels of the group.</summary>
    private static IEnumerable<sbyte[]> ConvolutionSums(TensorProto weight)
    {
        var bytes = Bytes(weight);
        var (outputs, channels) = ((int)weight.Dims[0], (int)weight.Dims[1]);
        var positions = bytes.Length / outputs / channels;
        for (var output = 0; output < outputs; output++)
        {
            var sum = new List<sbyte>();
            for (var position = 0; position < positions; position++)
            {
                for (var channel = 0; channel < channels; channel++)
                {
                    sum.Add(bytes[(((output * channels) + channel) * positions) + position]);
                }
            }

            yield return [.. sum];
        }
    }

    /// <summary>The rows of a matrix, or of several one behind the other.</summary>
    private static IEnumerable<sbyte[]> RowSums(TensorProto weight) => Bytes(weight).Chunk((int)weight.Dims[^1]);

    /// <summary>The columns of a matrix.</summary>
    private static IEnumerable<sbyte[]> ColumnSums(TensorProto weight)
    {
        var bytes = Bytes(weight);
        var columns = (int)weight.Dims[1];
        return Enumerable.Range(0, columns).Select(column => bytes.Where((_, i) => i % columns == column).ToArray());
    }
}
