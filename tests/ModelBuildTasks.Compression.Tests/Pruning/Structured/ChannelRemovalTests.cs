using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;
using ModelBuildTasks.Compression.Tests.Quantization;

namespace ModelBuildTasks.Compression.Tests.Pruning.Structured;

/// <summary>A model without channels computes what the whole model does where all that lies along these channels is zero.</summary>
[TestClass]
public sealed class ChannelRemovalTests
{
    private static ModelBuilder Image(int opset = 17) => ModelBuilder.Create(opset).Input("x", 1, 3, 8, 8);

    [TestMethod]
    public void Channels_of_a_chain_go_with_filters_biases_and_what_reads_them() => Holds(
        Image().Conv("a", "x", 3, 8).Relu("ar", "a").Conv("b", "ar", 8, 8).Node("MaxPool", ["b"], ["bp"], ("kernel_shape", new[] { 2, 2 }), ("strides", new[] { 2, 2 })).Conv("y", "bp", 8, 4).Output("y", 1, 4, 4, 4),
        groups: 2, share: 0.7, 1, 3, 8, 8);

    [TestMethod]
    public void A_depthwise_convolution_loses_the_channels_that_it_reads() => Holds(
        Image().Conv("a", "x", 3, 8).Conv("d", "a", 8, 8, group: 8).Node("HardSwish", ["d"], ["dh"]).Conv("y", "dh", 8, 4, 1).Output("y", 1, 4, 8, 8),
        groups: 1, share: 0.6, 1, 3, 8, 8);

    [TestMethod]
    public void A_depthwise_convolution_of_several_filters_loses_all_of_a_channel() => Holds(
        Image().Conv("a", "x", 3, 4).Conv("d", "a", 4, 8, group: 4).Conv("y", "d", 8, 4, 1).Output("y", 1, 4, 8, 8),
        groups: 1, share: 0.6, 1, 3, 8, 8);

    [TestMethod]
    public void A_grouped_convolution_loses_the_same_places_of_each_group() => Holds(
        Image().Conv("a", "x", 3, 8).Conv("g", "a", 8, 12, group: 2).Conv("y", "g", 12, 4, 1).Output("y", 1, 4, 8, 8),
        groups: 2, share: 0.6, 1, 3, 8, 8);

    [TestMethod]
    public void What_a_sum_adds_loses_the_same_channels() => Holds(
        Image().Conv("a", "x", 3, 8).Conv("b", "a", 8, 6).Relu("br", "b").Conv("c", "br", 6, 8).Node("Add", ["a", "c"], ["s"]).Relu("r", "s").Conv("y", "r", 8, 4).Output("y", 1, 4, 8, 8),
        groups: 2, share: 0.6, 1, 3, 8, 8);

    [TestMethod]
    public void What_is_put_side_by_side_loses_channels_of_its_own() => Holds(
        Image().Conv("a", "x", 3, 6).Conv("b", "x", 3, 4, 1).Node("Concat", ["a", "b", "x"], ["c"], ("axis", 1)).Conv("y", "c", 13, 4).Output("y", 1, 4, 8, 8),
        groups: 2, share: 0.8, 1, 3, 8, 8);

    [TestMethod]
    public void Parts_of_a_split_become_smaller() => Holds(
        Image().Conv("a", "x", 3, 12).Constant("sizes", [8L, 4L], 2).Node("Split", ["a", "sizes"], ["p", "q"], ("axis", 1)).Conv("b", "p", 8, 4).Node("Add", ["b", "q"], ["s"]).Conv("y", "s", 4, 4).Output("y", 1, 4, 8, 8),
        groups: 2, share: 0.6, 1, 3, 8, 8);

    [TestMethod]
    public void Halves_of_a_split_gate_each_other() => Holds(
        Image(opset: 13).Conv("a", "x", 3, 12).Node("Split", ["a"], ["p", "q"], ("axis", 1)).Node("Sigmoid", ["q"], ["g"]).Node("Mul", ["p", "g"], ["s"]).Conv("y", "s", 6, 4).Output("y", 1, 4, 8, 8),
        groups: 1, share: 0.6, 1, 3, 8, 8);

    [TestMethod]
    public void A_range_of_channels_moves_with_those_before_it() => Holds(
        Image().Conv("a", "x", 3, 12).Constant("from", [4L], 1).Constant("to", [10L], 1).Constant("axis", [1L], 1).Node("Slice", ["a", "from", "to", "axis"], ["p"]).Conv("b", "p", 6, 4).Conv("c", "a", 12, 4)
            .Node("Add", ["b", "c"], ["y"]).Output("y", 1, 4, 8, 8),
        groups: 2, share: 0.6, 1, 3, 8, 8);

    [TestMethod]
    public void A_normalization_of_channels_loses_its_parameters() => Holds(
        Image().Conv("a", "x", 3, 8).Constant("s", RandomTensors.Row(1, 8)).Constant("o", RandomTensors.Row(2, 8)).Constant("m", RandomTensors.Row(3, 8)).Constant("v", [.. Enumerable.Repeat(0.7f, 8)], 8)
            .Node("BatchNormalization", ["a", "s", "o", "m", "v"], ["n"]).Constant("slope", RandomTensors.Row(4, 8, 1, 1)).Node("PRelu", ["n", "slope"], ["p"]).Conv("y", "p", 8, 4).Output("y", 1, 4, 8, 8),
        groups: 1, share: 0.6, 1, 3, 8, 8);

    [TestMethod]
    public void A_gate_of_channels_loses_those_that_it_gates() => Holds(
        Image().Conv("a", "x", 3, 8).Node("GlobalAveragePool", ["a"], ["pool"]).Conv("f", "pool", 8, 4, 1).Relu("fr", "f").Conv("e", "fr", 4, 8, 1).Node("HardSigmoid", ["e"], ["gate"]).Node("Mul", ["a", "gate"], ["m"]).Conv("y", "m", 8, 4)
            .Output("y", 1, 4, 8, 8),
        groups: 2, share: 0.7, 1, 3, 8, 8);

    [TestMethod]
    public void A_channel_is_a_run_of_features_in_a_flat_value() => Holds(
        Image().Conv("a", "x", 3, 6).Node("Flatten", ["a"], ["f"], ("axis", 1)).Gemm("h", "f", 6 * 64, 8).Relu("hr", "h").Gemm("y", "hr", 8, 4).Output("y", 1, 4),
        groups: 2, share: 0.6, 1, 3, 8, 8);

    [TestMethod]
    public void A_flat_value_may_be_reshaped_by_a_constant() => Holds(
        Image().Conv("a", "x", 3, 6).Constant("flat", [1L, 384L], 2).Node("Reshape", ["a", "flat"], ["f"]).Gemm("y", "f", 6 * 64, 4).Output("y", 1, 4),
        groups: 1, share: 0.6, 1, 3, 8, 8);

    [TestMethod]
    public void The_mean_of_a_plane_keeps_channels_apart() => Holds(
        Image().Conv("a", "x", 3, 8).Node("ReduceMean", ["a"], ["m"], ("axes", new[] { 2, 3 }), ("keepdims", 0)).Gemm("y", "m", 8, 4).Output("y", 1, 4),
        groups: 1, share: 0.6, 1, 3, 8, 8);

    [TestMethod]
    public void Channels_that_are_shuffled_go_from_each_group() => Holds(
        Image().Conv("a", "x", 3, 8).Constant("apart", [1L, 2L, 4L, 8L, 8L], 5).Constant("together", [1L, 8L, 8L, 8L], 4).Node("Reshape", ["a", "apart"], ["r"]).Node("Transpose", ["r"], ["t"], ("perm", new[] { 0, 2, 1, 3, 4 }))
            .Node("Reshape", ["t", "together"], ["s"]).Conv("y", "s", 8, 4).Output("y", 1, 4, 8, 8),
        groups: 1, share: 0.6, 1, 3, 8, 8);

    [TestMethod]
    public void A_transposed_convolution_writes_its_second_axis() => Holds(
        Image().Conv("a", "x", 3, 8).Constant("t.w", RandomTensors.Weight(5, 8, 6, 2, 2)).Constant("t.b", RandomTensors.Row(6, 6)).Node("ConvTranspose", ["a", "t.w", "t.b"], ["t"], "t", ("strides", new[] { 2, 2 })).Conv("y", "t", 6, 4)
            .Output("y", 1, 4, 16, 16),
        groups: 2, share: 0.6, 1, 3, 8, 8);

    [TestMethod]
    public void Hidden_features_between_two_products_go() => Holds(
        Tokens().Linear("h", "x", 16, 32).Node("Erf", ["h"], ["e"]).Node("Mul", ["h", "e"], ["g"]).Linear("o", "g", 32, 16).Node("Add", ["x", "o"], ["y"]).Output("y", 1, 5, 16),
        groups: 1, share: 0.6, 1, 5, 16);

    [TestMethod]
    public void Heads_go_from_queries_keys_and_values() => Holds(
        Attention(Tokens().Linear("q", "x", 16, 16).Linear("k", "x", 16, 16).Linear("v", "x", 16, 16).Constant("heads", [1L, 5L, 4L, 4L], 4)
            .Node("Reshape", ["q", "heads"], ["qh"]).Node("Reshape", ["k", "heads"], ["kh"]).Node("Reshape", ["v", "heads"], ["vh"])),
        groups: 1, share: 0.6, 1, 5, 16);

    [TestMethod]
    public void Heads_go_from_one_product_of_all_three() => Holds(
        Attention(Tokens().Linear("qkv", "x", 16, 48).Constant("parts", [0L, 0L, 3L, 4L, 4L], 5).Node("Reshape", ["qkv", "parts"], ["p"]).Constant("axis", [2L], 1)
            .Node("Split", ["p"], ["q5", "k5", "v5"], ("axis", 2)).Node("Squeeze", ["q5", "axis"], ["qh"]).Node("Squeeze", ["k5", "axis"], ["kh"]).Node("Squeeze", ["v5", "axis"], ["vh"])),
        groups: 1, share: 0.6, 1, 5, 16);

    [TestMethod]
    public void A_shape_that_is_computed_keeps_what_it_computes()
    {
        var builder = ModelBuilder.Create(17).Input("x", TensorProto.Types.DataType.Float, "n", 3, 8, 8).Conv("a", "x", 3, 8).Node("Shape", ["x"], ["shape"]).Constant("zero", [0L], []).Constant("first", [0L], 1)
            .Node("Gather", ["shape", "zero"], ["n1"]).Node("Unsqueeze", ["n1", "first"], ["n2"]).Constant("rest", [512L], 1).Node("Concat", ["n2", "rest"], ["target"], ("axis", 0)).Node("Reshape", ["a", "target"], ["f"])
            .Gemm("y", "f", 512, 4).Output("y", TensorProto.Types.DataType.Float, "n", 4);
        Holds(builder, groups: 1, share: 0.6, 2, 3, 8, 8);
    }

    private static ModelBuilder Tokens() => ModelBuilder.Create(13).Input("x", 1, 5, 16);

    private static ModelBuilder Attention(ModelBuilder builder) => builder
        .Node("Transpose", ["qh"], ["qt"], ("perm", new[] { 0, 2, 1, 3 })).Node("Transpose", ["kh"], ["kt"], ("perm", new[] { 0, 2, 3, 1 })).Node("Transpose", ["vh"], ["vt"], ("perm", new[] { 0, 2, 1, 3 }))
        .Node("MatMul", ["qt", "kt"], ["scores"]).Node("Softmax", ["scores"], ["shares"], ("axis", -1)).Node("MatMul", ["shares", "vt"], ["mixed"]).Node("Transpose", ["mixed"], ["turned"], ("perm", new[] { 0, 2, 1, 3 }))
        .Constant("joined", [1L, 5L, 16L], 3).Node("Reshape", ["turned", "joined"], ["flat"]).Linear("o", "flat", 16, 16).Node("Add", ["x", "o"], ["y"]).Output("y", 1, 5, 16);

    private static void Holds(ModelBuilder builder, int groups, double share, params ReadOnlySpan<long> shape)
    {
        using var model = new AnalysedModel(builder, shape.ToArray());
        Assert.HasCount(groups, model.Groups);

        var (pruned, masked, before, after) = model.Without(model.EverySecond);

        Assert.IsLessThan(share * before, after);
        Assert.HasCount(masked.Length, pruned);
        var largest = masked.Max(Math.Abs);
        Assert.IsGreaterThan(0.01f, largest);
        for (var i = 0; i < masked.Length; i++)
        {
            Assert.AreEqual(masked[i], pruned[i], 1e-5f * Math.Max(1, largest), $"{i}");
        }
    }
}
