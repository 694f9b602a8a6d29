using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization.IntegerOnly;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Quantization;

/// <summary>Each operator that prevents integers only is named, with the reason.</summary>
[TestClass]
public sealed class IntegerOnlyErrorsTests
{
    private static ModelBuilder Model => ModelBuilder.Create(17).Input("x", 2, 3, 8).Output("y");

    [TestMethod]
    public void An_operator_without_an_integer_form_is_named() => AssertNames(
        "LayerNormalization 'norm' (the operator has no integer form)",
        Model.Constant("s", RandomTensors.Row(1, 8)).Node("LayerNormalization", ["x", "s"], ["y"], "norm"));

    [TestMethod]
    public void A_node_without_a_name_is_named_by_its_output() => AssertNames(
        "TopK 'y' (the operator has no integer form)",
        Model.Constant("k", [2L], 1).Node("TopK", ["x", "k"], ["y", "i"], ""));

    [TestMethod]
    public void A_recurrent_layer_is_named() => AssertNames(
        "GRU 'gru' (recurrent layers compute in float)",
        Model.Constant("w", RandomTensors.Row(1, 1, 12, 8)).Constant("r", RandomTensors.Row(2, 1, 12, 4)).Node("GRU", ["x", "w", "r"], ["y"], "gru", ("hidden_size", 4)));

    [TestMethod]
    public void An_operator_of_another_set_is_named() => AssertNames(
        "Gelu 'gelu' (the operator has no integer form)",
        Model.Node("com.microsoft", "Gelu", ["x"], ["y"], "gelu"));

    [TestMethod]
    public void A_linear_Resize_is_named() => AssertNames(
        "Resize 'resize' (only a nearest Resize moves bytes)",
        Model.Constant("scales", [1f, 1, 2], 3).Node("Resize", ["x", "", "scales"], ["y"], "resize", ("mode", "linear")));

    [TestMethod]
    public void A_Softmax_over_values_that_were_never_finite_is_named() => AssertNames(
        "Add 'mask' (its constant 'm' is not of finite floats)",
        Model.Constant("m", [0f, float.NegativeInfinity, 0, 0, 0, 0, 0, 0], 8).Node("Add", ["x", "m"], ["a"], "mask").Node("Softmax", ["a"], ["y"], "softmax"));

    [TestMethod]
    public void A_weight_that_is_an_input_is_named() => AssertNames(
        "Conv 'conv' (its weight 'w' is an input of the model)",
        Model.Input("w", 4, 3, 1).Node("Conv", ["x", "w"], ["y"], "conv"));

    [TestMethod]
    public void Numbers_of_another_type_are_named() => AssertNames(
        "Cast 'wider' ('d' is Double); Exp 'exp' ('d' is Double); Cast 'narrower' ('e' is Double)",
        Model.Node("Cast", ["x"], ["d"], "wider", ("to", (int)DataType.Double)).Node("Exp", ["d"], ["e"], "exp").Node("Cast", ["e"], ["y"], "narrower", ("to", (int)DataType.Float)));

    [TestMethod]
    public void A_subgraph_that_computes_in_float_is_named()
    {
        var branch = ModelBuilder.Subgraph(builder => builder.Node("Neg", ["x"], ["n"]).Output("n"));
        AssertNames(
            "If 'choice' (it computes in float, or its subgraphs do, where activations are not calibrated)",
            Model.Input("c", DataType.Bool).Node("If", ["c"], ["y"], "choice", ("then_branch", branch), ("else_branch", branch.Clone())));
    }

    [TestMethod]
    public void A_subgraph_of_integers_is_none_of_it()
    {
        var branch = ModelBuilder.Subgraph(builder => builder.Constant("one", [1L]).Node("Add", ["i", "one"], ["n"]).Output("n", DataType.Int64));
        using var folder = new TemporaryFolder();
        using var model = Model.Input("c", DataType.Bool).Input("i", DataType.Int64).Output("j", DataType.Int64).Node("If", ["c"], ["j"], "choice", ("then_branch", branch), ("else_branch", branch.Clone()))
            .Node("Neg", ["x"], ["y"]).Load(folder);

        Apply(model, Ranges("x", "y"));

        Assert.AreEqual("If Cast Gather", string.Join(' ', model.Proto.Graph.Node.Select(node => node.OpType)));
    }

    [TestMethod]
    public void KeepFloat_contradicts_it()
    {
        using var folder = new TemporaryFolder();
        using var model = Model.Node("Neg", ["x"], ["y"], "negative").Load(folder);

        var error = Expect.Error(DiagnosticCodes.IntegerOnlyNotPossible, () => Apply(model, Ranges("x", "y"), "neg*"));

        Assert.Contains("Neg 'negative' (KeepFloat names it)", error.Message);
        Assert.Contains("KeepFloat contradicts IntegerOnly", error.Message);
    }

    [TestMethod]
    public void A_range_that_is_not_known_is_named()
    {
        using var folder = new TemporaryFolder();
        using var model = Model.Node("Neg", ["x"], ["n"], "first").Node("Abs", ["n"], ["y"], "second").Load(folder);

        var error = Expect.Error(DiagnosticCodes.IntegerOnlyNotPossible, () => Apply(model, Ranges("y")));

        Assert.Contains("input 'x' (its range is not known or not finite); Neg 'first' (the range of its output 'n' is not known or not finite).", error.Message);
    }

    [TestMethod]
    public void Padding_that_bytes_cannot_store_is_named() => AssertNames(
        "Pad 'pad' (its padding lies outside the range of its input)",
        Model.Constant("pads", [0L, 0, 1, 0, 0, 1], 6).Constant("value", [50f]).Node("Pad", ["x", "pads", "value"], ["y"], "pad"));

    [TestMethod]
    public void Ten_are_named_and_the_rest_is_counted()
    {
        var builder = ModelBuilder.Create(17).Input("x", 2, 3, 8).Output("v12");
        for (var index = 0; index < 12; index++)
        {
            builder.Node("LpNormalization", [index == 0 ? "x" : $"v{index}"], [$"v{index + 1}"], $"norm{index}");
        }

        using var folder = new TemporaryFolder();
        using var model = builder.Load(folder);

        var error = Expect.Error(DiagnosticCodes.IntegerOnlyNotPossible, () => Apply(model, Ranges("x")));

        Assert.Contains("'norm9'", error.Message);
        Assert.DoesNotContain("'norm10'", error.Message);
        Assert.Contains("; and 2 more.", error.Message);
    }

    private static void AssertNames(string obstacles, ModelBuilder builder)
    {
        using var folder = new TemporaryFolder();
        using var model = builder.Load(folder);

        var error = Expect.Error(DiagnosticCodes.IntegerOnlyNotPossible, () => Apply(model, Ranges([.. model.Proto.Graph.Input.Select(input => input.Name), .. model.Proto.Graph.Node.SelectMany(node => node.Output)])));

        Assert.Contains($": {obstacles}.", error.Message);
        Assert.Contains("Remove IntegerOnly", error.Message);
    }

    private static ActivationRanges Ranges(params string[] names) => new(names.ToDictionary(name => name, _ => new ValueRange(-1, 1)));

    private static void Apply(OnnxModel model, ActivationRanges ranges, params string[] keepFloat) =>
        new IntegerOnlyQuantization().Apply(model, new PassContext(DeviceProfile.Cpu, ranges, keepFloat, CancellationToken.None));
}
