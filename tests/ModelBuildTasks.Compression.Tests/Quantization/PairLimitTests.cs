using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Quantization.Weights;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Quantization;

/// <summary>Where the operator in front of a layer rules out the largest bytes, its weights are bounded less or not at all.</summary>
[TestClass]
public sealed class PairLimitTests
{
    private const int Depth = 24;

    [TestMethod]
    [DataRow(255, 128)]
    [DataRow(254, 129)]
    [DataRow(200, 163)]
    [DataRow(130, 252)]
    [DataRow(129, 254)]
    [DataRow(6, 254)]
    [DataRow(0, 254)]
    public void Two_products_with_the_largest_activation_fit_16_bits(int largest, int limit)
    {
        Assert.AreEqual(limit, PairBound.LimitFor(largest));
        Assert.IsLessThanOrEqualTo(short.MaxValue, limit * largest);
    }

    [TestMethod]
    public void What_calibration_has_not_seen_saturates_at_255() => Assert.AreEqual(128, Limit(builder => builder.Node("Sigmoid", ["x"], ["v"]), 0, 0.7f));

    [TestMethod]
    public void A_bounded_operator_whose_range_is_wider_than_it_can_be_limits_the_bytes()
    {
        // At scale 1.5 / 255 a sigmoid of 1 is 170, and at 1.25 / 255 it is 204.
        Assert.AreEqual(32767 / 170, Limit(builder => builder.Node("Sigmoid", ["x"], ["v"]), 0, 1.5f));
        Assert.AreEqual(32767 / 204, Limit(builder => builder.Node("Sigmoid", ["x"], ["v"]), 0, 1.25f), 1);
        Assert.AreEqual(128, Limit(builder => builder.Node("Relu", ["x"], ["v"]), 0, 1.5f));
    }

    [TestMethod]
    public void An_operator_that_was_always_zero_is_bounded_by_what_it_can_be_at_scale_one()
    {
        Assert.AreEqual(PairBound.NoLimit, Limit(builder => builder.Constant("zero", [0f]).Constant("six", [6f]).Node("Clip", ["x", "zero", "six"], ["v"]), 0, 0));
        Assert.AreEqual(128, Limit(builder => builder.Node("Relu", ["x"], ["v"]), 0, 0));
    }

    [TestMethod]
    public void What_moves_values_keeps_their_bound() =>
        Assert.AreEqual(PairBound.NoLimit, Limit(builder => builder.Constant("shape", [4L, Depth], 2).Node("Tanh", ["x"], ["t"]).Node("Reshape", ["t", "shape"], ["v"]), 0, 0));

    [TestMethod]
    [DataRow(13, null, PairBound.NoLimit)]
    [DataRow(13, -1, PairBound.NoLimit)]
    [DataRow(13, 0, 128)]
    [DataRow(11, 0, PairBound.NoLimit)]
    public void Shares_of_one_sum_never_exceed_255_together(int opset, int? axis, int limit) =>
        Assert.AreEqual(limit, Limit(builder => builder.Node("Softmax", ["x"], ["v"], axis is { } given ? [("axis", given)] : []), 0, 1, opset));

    [TestMethod]
    public void Shares_along_the_channels_are_summed_by_a_pointwise_convolution_only()
    {
        Assert.AreEqual(PairBound.NoLimit, ConvolutionLimit(axis: 1, kernel: 1));
        Assert.AreEqual(PairBound.NoLimit, ConvolutionLimit(axis: -3, kernel: 1));
        Assert.AreEqual(128, ConvolutionLimit(axis: 3, kernel: 1));
        Assert.AreEqual(128, ConvolutionLimit(axis: 1, kernel: 3));
    }

    [TestMethod]
    public void A_product_of_shares_has_weights_of_the_full_range_and_never_saturates()
    {
        var builder = ModelBuilder.Create().Input("x", 4, Depth).Output("y").Constant("w", RandomTensors.Singles(new Random(1), Depth * 20), Depth, 20).Node("Softmax", ["x"], ["s"]).Node("Gemm", ["s", "w"], ["y"], "product");
        using var bounded = QuantizedModel.Static(builder);
        using var full = QuantizedModel.StaticFor(DeviceProfiles.FullRange, builder);

        Assert.AreEqual(full.Tensor("w_q"), bounded.Tensor("w_q"));
        // Both of two shares rounded up.
        Assert.AreEqual(256 * 127, SaturatingProducts.Sum([128, 128], [127, 127]));
        Assert.AreEqual(255 * 127 + 127, SaturatingProducts.Sum([255, 1], [127, 127]));
    }

    [TestMethod]
    public void A_Clip_whose_bound_became_that_of_saturation_bounds_nothing()
    {
        // The Clip is gone from the model, and at scale 1 a byte may be 255.
        var builder = ModelBuilder.Create().Input("x", 1, 16, 6, 6).Output("y").Constant("zero", [0f]).Constant("six", [6f])
            .Constant("w", RandomTensors.Singles(new Random(1), 16 * 16), 16, 16, 1, 1).Constant("b", [.. Enumerable.Repeat(-1000f, 16)], 16).Constant("v", RandomTensors.Singles(new Random(2), 20 * 16), 20, 16, 1, 1)
            .Node("Conv", ["x", "w", "b"], ["c"], "first").Node("Clip", ["c", "zero", "six"], ["r"]).Node("Conv", ["r", "v"], ["y"], "second");
        using var bounded = QuantizedModel.Static(builder);
        using var full = QuantizedModel.StaticFor(DeviceProfiles.FullRange, builder);

        Assert.AreEqual(0, bounded.Count("Clip"));
        Assert.AreNotEqual(full.Tensor("v_q"), bounded.Tensor("v_q"));
    }

    [TestMethod]
    public void A_weaker_limit_bounds_the_pairs_of_a_layer_less()
    {
        var builder = ModelBuilder.Create().Input("x", 4, Depth).Output("y").Constant("w", RandomTensors.Singles(new Random(1), Depth * 200), Depth, 200)
            .Node("Sigmoid", ["x"], ["v"]).Node("Gemm", ["v", "w"], ["y"], "product");
        using var folder = new TemporaryFolder();
        using var model = builder.Load(folder);
        new PostTrainingQuantization(FormatAssignment.Int8).Apply(model, new PassContext(DeviceProfiles.WithoutCosts, new ActivationRanges(new Dictionary<string, ValueRange> { ["v"] = new(0, 1.6f) }), [], CancellationToken.None));

        var bytes = model.Proto.Graph.Initializer.Single(tensor => tensor.Name == "w_q").RawData.ToByteArray();
        var largest = Enumerable.Range(0, Depth / 2 * 200).Max(pair => Math.Abs((sbyte)bytes[(pair / 200 * 400) + (pair % 200)] + (sbyte)bytes[(pair / 200 * 400) + 200 + (pair % 200)]));

        // 1 at scale 1.6 / 255 is 160 at most, and 32767 / 160 is 204.
        Assert.IsTrue(largest is > 128 and <= 204, $"{largest}");
    }

    private static int Limit(Action<ModelBuilder> front, float minimum, float maximum, int opset = 13)
    {
        var builder = ModelBuilder.Create(opset).Input("x", 4, Depth).Output("y").Constant("w", RandomTensors.Weight(1, Depth, 20));
        front(builder);
        return Limit(builder.Node("MatMul", ["v", "w"], ["y"], "layer"), minimum, maximum, opset);
    }

    private static int ConvolutionLimit(int axis, int kernel) => Limit(
        ModelBuilder.Create().Input("x", 1, 16, 6, 6).Output("y").Constant("w", RandomTensors.Weight(1, 20, 16, kernel, kernel)).Node("Softmax", ["x"], ["v"], ("axis", axis)).Node("Conv", ["v", "w"], ["y"], "layer"), 0, 1, 13);

    private static int Limit(ModelBuilder builder, float minimum, float maximum, int opset)
    {
        using var folder = new TemporaryFolder();
        using var model = builder.Load(folder);
        var graph = model.EditGraph();
        var layer = graph.Nodes.Single(node => node.Name == "layer");
        return new PairLimits(graph, [], opset).Of(layer, Layers.Weights(layer, graph)[0], ActivationParameters.FromRange(new ValueRange(minimum, maximum)));
    }
}
