using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Quantization;

[TestClass]
public sealed class SubgraphTests
{
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void A_weight_that_a_branch_defines_is_stored_as_bytes_in_the_branch(bool calibrated)
    {
        var builder = Choice(ModelBuilder.Create(), branch => branch.Constant("v", RandomTensors.Weight(2, 24, 24)).Node("MatMul", ["x", "v"], ["inner"], "hidden").Output("inner"));

        using var quantized = Quantized(builder, calibrated);

        Assert.AreEqual("int8-weights", quantized.Layer("hidden").Format);
        Assert.AreEqual(0, quantized.Graph.Initializer.Count(tensor => tensor.DataType == (int)DataType.Int8));
        Assert.AreEqual("Int8", Types(Branch(quantized.Graph), 24 * 24));
        quantized.AssertSqnr(35);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void A_weight_in_a_Constant_node_of_a_branch_is_stored_as_bytes_too(bool calibrated)
    {
        var builder = Choice(ModelBuilder.Create(), branch => branch.ConstantNode("v", RandomTensors.Weight(2, 24, 24)).Node("MatMul", ["x", "v"], ["inner"], "hidden").Output("inner"));

        using var quantized = Quantized(builder, calibrated);

        Assert.AreEqual("int8-weights", quantized.Layer("hidden").Format);
        Assert.IsFalse(Branch(quantized.Graph).Node.Any(node => node.OpType == "Constant"));
        quantized.AssertSqnr(35);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void A_weight_of_the_main_graph_that_a_branch_reads_is_stored_as_bytes_in_the_main_graph(bool calibrated)
    {
        var builder = Choice(ModelBuilder.Create().Constant("v", RandomTensors.Weight(2, 24, 24)), branch => branch.Node("MatMul", ["x", "v"], ["inner"], "hidden").Output("inner"));

        using var quantized = Quantized(builder, calibrated);

        Assert.AreEqual("int8-weights", quantized.Layer("hidden").Format);
        Assert.AreEqual("Int8", Types(quantized.Graph, 24 * 24));
        quantized.AssertSqnr(35);
    }

    [TestMethod]
    public void A_weight_of_an_int8_layer_that_a_branch_reads_too_is_stored_once()
    {
        var builder = ModelBuilder.Create().Constant("v", RandomTensors.Weight(2, 24, 24)).Node("MatMul", ["x", "v"], ["p"], "outside").Output("p");
        Choice(builder, branch => branch.Node("MatMul", ["x", "v"], ["inner"], "hidden").Output("inner"));

        using var quantized = QuantizedModel.Static(builder);

        Assert.AreEqual("int8", quantized.Layer("outside").Format);
        Assert.AreEqual("int8-weights", quantized.Layer("hidden").Format);
        Assert.AreEqual("Int8", Types(quantized.Graph, 24 * 24));
        quantized.AssertSqnr(33);
    }

    [TestMethod]
    public void A_weight_of_a_branch_that_a_branch_inside_it_reads_is_stored_where_it_is_defined()
    {
        var builder = Choice(ModelBuilder.Create(), branch => Choice(
            branch.Constant("v", RandomTensors.Weight(2, 24, 24)),
            inner => inner.Node("MatMul", ["x", "v"], ["deep"], "hidden").Output("deep"),
            output: "inner",
            otherwise: "around"));

        using var quantized = QuantizedModel.WeightsOnly(builder);

        Assert.AreEqual("int8-weights", quantized.Layer("hidden").Format);
        var outer = Branch(quantized.Graph);
        Assert.AreEqual("Int8", Types(outer, 24 * 24));
        Assert.AreEqual("", Types(Branch(outer), 24 * 24));
        quantized.AssertSqnr(35);
    }

    [TestMethod]
    public void A_name_that_a_branch_defines_itself_hides_the_weight_outside()
    {
        var builder = ModelBuilder.Create().Constant("v", RandomTensors.Weight(2, 24, 24)).Node("MatMul", ["x", "v"], ["p"], "outside").Output("p");
        Choice(builder, branch => branch.Constant("v", RandomTensors.Weight(3, 24, 24)).Node("MatMul", ["x", "v"], ["inner"], "hidden").Output("inner"));

        using var quantized = QuantizedModel.WeightsOnly(builder);

        Assert.AreEqual("Int8", Types(quantized.Graph, 24 * 24));
        Assert.AreEqual("Int8", Types(Branch(quantized.Graph), 24 * 24));
        quantized.AssertSqnr(35);
    }

    [TestMethod]
    public void Layers_in_the_body_of_a_loop_store_their_weights_as_bytes_and_carry_the_same_state()
    {
        var body = ModelBuilder.Subgraph(graph => graph.Input("i", DataType.Int64).Input("go", DataType.Bool).Input("state", 4, 24)
            .Constant("v", RandomTensors.Weight(2, 24, 24)).Node("MatMul", ["state", "v"], ["p"], "step").Node("Tanh", ["p"], ["next"]).Node("Identity", ["go"], ["again"])
            .Output("again", DataType.Bool).Output("next", 4, 24));
        var builder = ModelBuilder.Create().Input("x", 4, 24).Output("y", 4, 24).Constant("times", [3L])
            .Node("Loop", ["times", "", "x"], ["y"], "loop", ("body", body));

        using var quantized = QuantizedModel.WeightsOnly(builder);

        Assert.AreEqual("int8-weights", quantized.Layer("step").Format);
        quantized.AssertSqnr(28);
    }

    [TestMethod]
    public void Layers_in_the_body_of_a_scan_store_their_weights_as_bytes()
    {
        var body = ModelBuilder.Subgraph(graph => graph.Input("state", 24).Input("row", 24)
            .Constant("v", RandomTensors.Weight(2, 24, 24)).Node("MatMul", ["row", "v"], ["p"], "step").Node("Add", ["p", "state"], ["next"]).Node("Identity", ["next"], ["out"])
            .Output("next", 24).Output("out", 24));
        var builder = ModelBuilder.Create().Input("x", 5, 24).Output("last", 24).Output("y", 5, 24).Constant("zero", new float[24], 24)
            .Node("Scan", ["zero", "x"], ["last", "y"], "scan", ("body", body), ("num_scan_inputs", 1));

        using var quantized = QuantizedModel.WeightsOnly(builder);

        Assert.AreEqual("int8-weights", quantized.Layer("step").Format);
        quantized.AssertSqnr(33);
    }

    [TestMethod]
    public void KeepFloat_names_a_layer_inside_a_branch_and_what_shares_its_weight_stays_float_too()
    {
        var builder = ModelBuilder.Create().Constant("v", RandomTensors.Weight(2, 24, 24)).Node("MatMul", ["x", "v"], ["p"], "outside").Output("p");
        Choice(builder, branch => branch.Node("MatMul", ["x", "v"], ["inner"], "hidden").Output("inner"));

        using var quantized = QuantizedModel.WeightsOnly(builder, "hid*");

        Assert.AreEqual("float", quantized.Layer("hidden").Format);
        Assert.AreEqual("KeepFloat names it", quantized.Layer("hidden").Reason);
        Assert.AreEqual("float", quantized.Layer("outside").Format);
        StringAssert.Contains(quantized.Layer("outside").Reason, "'hidden', which KeepFloat names");
    }

    [TestMethod]
    public void A_calibrated_layer_inside_a_branch_says_why_its_activations_stay_float()
    {
        var builder = Choice(ModelBuilder.Create(), branch => branch.Constant("v", RandomTensors.Weight(2, 24, 24)).Node("MatMul", ["x", "v"], ["inner"], "hidden").Output("inner"));

        using var quantized = QuantizedModel.Static(builder);

        StringAssert.Contains(quantized.Layer("hidden").Reason, "subgraph of If 'choice'");
    }

    [TestMethod]
    public void The_runtime_folds_what_restores_a_weight_inside_a_branch()
    {
        var builder = Choice(ModelBuilder.Create(), branch => branch.Constant("v", RandomTensors.Weight(2, 24, 24)).Node("MatMul", ["x", "v"], ["inner"], "hidden").Output("inner"));

        using var quantized = QuantizedModel.WeightsOnly(builder);

        var running = Branch(quantized.Optimized()).Node.Select(node => node.OpType).ToArray();
        CollectionAssert.Contains(running, "MatMul");
        CollectionAssert.DoesNotContain(running, "Mul");
        CollectionAssert.DoesNotContain(running, "Cast");
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(2)]
    public void A_subgraph_may_read_what_moves_the_result_of_an_int8_layer(int movers)
    {
        var builder = ModelBuilder.Create().Input("x", 1, 16, 8, 8).Output("y").Constant("w", RandomTensors.Weight(1, 16, 16, 3, 3)).Constant("bound", [2.8f])
            .Node("Conv", ["x", "w"], ["c0"], "conv");
        for (var mover = 0; mover < movers; mover++)
        {
            builder.Node(mover == 0 ? "MaxPool" : "Transpose", [$"c{mover}"], [$"c{mover + 1}"], mover == 0 ? [("kernel_shape", new[] { 2, 2 })] : [("perm", new[] { 0, 2, 3, 1 })]);
        }

        var read = $"c{movers}";
        builder.Node("ReduceMax", ["x"], ["m"], ("keepdims", 0)).Node("Less", ["m", "bound"], ["d"]).Node(
            "If",
            ["d"],
            ["y"],
            ("then_branch", ModelBuilder.Subgraph(graph => graph.Node("Abs", [read], ["t"]).Output("t"))),
            ("else_branch", ModelBuilder.Subgraph(graph => graph.Node("Neg", [read], ["e"]).Output("e"))));

        using var quantized = QuantizedModel.Static(builder);

        Assert.AreEqual("int8", quantized.Layer("conv").Format);
        quantized.AssertRuns("QLinearConv");
        quantized.AssertSqnr(30);
    }

    /// <summary>An If whose branches read x: the given one where the largest element is below a bound that about half of the samples pass, else its negative.</summary>
    private static ModelBuilder Choice(ModelBuilder builder, Action<ModelBuilder> branch, string output = "z", string otherwise = "negative")
    {
        var isMain = output == "z";
        var other = ModelBuilder.Subgraph(graph => graph.Node("Neg", ["x"], [otherwise]).Output(otherwise));
        if (isMain)
        {
            builder.Input("x", 4, 24).Constant("bound", [2.4f]).Node("ReduceMax", ["x"], ["m"], ("keepdims", 0)).Node("Less", ["m", "bound"], ["c"]);
        }

        return builder.Node("If", ["c"], [output], isMain ? "choice" : "choice inside", ("then_branch", ModelBuilder.Subgraph(branch)), ("else_branch", other)).Output(output);
    }

    private static QuantizedModel Quantized(ModelBuilder builder, bool calibrated) => calibrated ? QuantizedModel.Static(builder) : QuantizedModel.WeightsOnly(builder);

    private static GraphProto Branch(GraphProto graph) => graph.Node.Single(node => node.OpType == "If").Attribute.Single(attribute => attribute.Name == "then_branch").G;

    /// <summary>The types of the initializers with a number of elements.</summary>
    private static string Types(GraphProto graph, long elements) =>
        string.Join(",", graph.Initializer.Where(tensor => tensor.ElementCount() == elements).Select(tensor => tensor.ElementType()));
}
