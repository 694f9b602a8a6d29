using ModelBuildTasks.Compression.Execution;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Execution;

/// <summary>Which inputs that no data gives are states, and what their next values are.</summary>
[TestClass]
public sealed class StatePairsTests
{
    [TestMethod]
    public void Names_tell_states_whatever_their_order() => AssertPairs(
        "c<cn h<hn",
        [Port("x", -1, 10), Port("h", 2, -1, 64), Port("c", 2, -1, 64)],
        [Port("cn", 2, -1, 64), Port("y", -1, 3), Port("hn", 2, -1, 64)]);

    [TestMethod]
    public void What_is_given_is_no_state() => AssertPairs(
        "c<cn",
        [Port("x", 1, 10), Port("h", 1, 8), Port("c", 1, 8)],
        [Port("y", 1, 3), Port("hn", 1, 8), Port("cn", 1, 8)],
        given: ["x", "h"]);

    [TestMethod]
    public void Another_element_type_or_shape_is_no_next_value()
    {
        AssertPairs("", [Port("x", 1, 10), Port("h", 1, 8)], [Port("y", 1, 3), Port("hn", 1, 9)]);
        AssertPairs("", [Port("x", 1, 10), Port("h", 1, 8)], [Port("y", 1, 3), new ModelPort("hn", DataType.Double, [1, 8])]);
        AssertPairs("", [Port("x", 1, 10), new ModelPort("h", DataType.String, [1])], [Port("y", 1, 3), new ModelPort("hn", DataType.String, [1])]);
    }

    [TestMethod]
    public void An_output_whose_rank_the_runtime_does_not_know_may_be_a_next_value() =>
        AssertPairs("h<hn", [Port("x", 1, 10), Port("h", 1, 8)], [Port("y", 1, 3), Port("hn")]);

    [TestMethod]
    public void Two_candidates_by_name_are_none() =>
        AssertPairs("", [Port("x", 1, 10), Port("state", 1, 8)], [Port("y", 1, 3), Port("new_state", 1, 8), Port("state_out", 1, 8)]);

    [TestMethod]
    public void The_same_shapes_in_the_same_order_are_states_whatever_their_names() => AssertPairs(
        "a<second b<third",
        [Port("x", 1, 10), Port("a", 1, 2, 8), Port("b", 1, 4, 8)],
        [Port("first", 1, 10, 5), Port("second", 1, 2, 8), Port("third", 1, 4, 8)]);

    [TestMethod]
    public void Shapes_in_another_order_or_number_are_none()
    {
        AssertPairs("", [Port("x", 1, 10), Port("a", 1, 2, 8), Port("b", 1, 4, 8)], [Port("first", 1, 3), Port("second", 1, 4, 8), Port("third", 1, 2, 8)]);
        AssertPairs("", [Port("x", 1, 10), Port("a", 1, 8)], [Port("first", 1, 3), Port("second", 1, 8), Port("third", 1, 8)]);
    }

    [TestMethod]
    public void A_forgotten_input_of_the_given_ones_shape_is_no_state() =>
        AssertPairs("", [Port("image", 1, 10), Port("mask", 1, 10)], [Port("scores", 1, 3), Port("result", 1, 10)], given: ["image"]);

    [TestMethod]
    public void A_forgotten_input_of_a_model_with_one_output_is_no_state() =>
        AssertPairs("", [Port("x", 1, 10), Port("guide", 1, 8)], [Port("result", 1, 8)]);

    [TestMethod]
    public void Dimensions_of_one_name_are_one_shape() => AssertPairs(
        "a<b",
        [Port("x", 1, 10), Port("a", -1, 8) with { Symbols = ["batch", ""] }],
        [Port("y", 1, 3), Port("b", -1, 8) with { Symbols = ["batch", ""] }]);

    [TestMethod]
    public void Past_values_grow_along_the_axis_that_is_called_otherwise_afterwards()
    {
        var pair = StatePairs.Of(
            new ModelPorts(
                [Port("ids", -1, -1), Port("past_key_values.0.key", -1, 4, -1, 8) with { Symbols = ["batch", "", "past", ""] }],
                [Port("logits", -1, -1, 9), Port("present.0.key", -1, 4, -1, 8) with { Symbols = ["batch", "", "past + now", ""] }]),
            new HashSet<string> { "ids" }).Single();

        Assert.AreEqual(2, pair.GrowingAxis);
    }

    [TestMethod]
    public void Past_values_without_named_axes_grow_along_the_last_dynamic_one()
    {
        var pair = StatePairs.Of(new ModelPorts([Port("ids", -1, -1), Port("past_0", 2, -1, 4, -1, 8)], [Port("logits", -1, -1, 9), Port("present_0", 2, -1, 4, -1, 8)]), new HashSet<string> { "ids" }).Single();

        Assert.AreEqual(3, pair.GrowingAxis);
    }

    [TestMethod]
    public void Other_states_do_not_grow()
    {
        var pair = StatePairs.Of(new ModelPorts([Port("x", 1, 10), Port("h", 1, -1, 8)], [Port("y", 1, 3), Port("hn", 1, -1, 8)]), new HashSet<string> { "x" }).Single();

        Assert.AreEqual(-1, pair.GrowingAxis);
    }

    private static ModelPort Port(string name, params long[] shape) => new(name, DataType.Float, shape);

    private static void AssertPairs(string expected, ModelPort[] inputs, ModelPort[] outputs, string[]? given = null)
    {
        var pairs = StatePairs.Of(new ModelPorts(inputs, outputs), (given ?? [inputs[0].Name]).ToHashSet());

        Assert.AreEqual(expected, string.Join(' ', pairs.Select(pair => $"{pair.Input.Name}<{pair.Output.Name}").Order(StringComparer.Ordinal)));
    }
}
