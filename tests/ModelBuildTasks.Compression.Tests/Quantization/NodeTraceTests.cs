using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Quantization;

/// <summary>What a trace says of nodes without weights.</summary>
[TestClass]
public sealed class NodeTraceTests
{
    [TestMethod]
    public void A_connector_between_layers_computes_on_bytes_and_its_Relu_is_taken_out()
    {
        using var quantized = QuantizedModel.Static(Start()
            .Node("Relu", ["c"], ["r"], "r").Node("MaxPool", ["r"], ["m"], "m", ("kernel_shape", new[] { 2, 2 })).Constant("w2", RandomTensors.Weight(2, 16, 16, 1, 1)).Node("Conv", ["m", "w2"], ["y"], "second"));

        Assert.AreEqual("int8: ", quantized.Trace("first"));
        Assert.AreEqual("int8: it is taken out: the saturation of 'first' clips", quantized.Trace("r"));
        Assert.AreEqual("int8: ", quantized.Trace("m"));
    }

    [TestMethod]
    public void An_operator_without_an_integer_kernel_is_named_as_such_and_breaks_what_is_behind()
    {
        using var quantized = QuantizedModel.Static(Start().Node("Softmax", ["c"], ["s"], "s").Node("MaxPool", ["s"], ["y"], "y", ("kernel_shape", new[] { 2, 2 })));

        Assert.AreEqual("float: the operator has no integer form", quantized.Trace("s"));
        Assert.AreEqual("float: its input 's' is not stored as bytes", quantized.Trace("y"));
    }

    [TestMethod]
    public void A_connector_that_nobody_follows_stays_float()
    {
        using var quantized = QuantizedModel.Static(Start().Node("MaxPool", ["c"], ["y"], "y", ("kernel_shape", new[] { 2, 2 })));

        Assert.AreEqual("float: nothing that computes on bytes reads its result", quantized.Trace("y"));
    }

    [TestMethod]
    public void KeepFloat_names_connectors_too()
    {
        using var quantized = QuantizedModel.Static(
            Start().Node("MaxPool", ["c"], ["m"], "m", ("kernel_shape", new[] { 2, 2 })).Constant("w2", RandomTensors.Weight(2, 16, 16, 1, 1)).Node("Conv", ["m", "w2"], ["y"], "second"), "m");

        Assert.AreEqual("float: KeepFloat names it", quantized.Trace("m"));
    }

    [TestMethod]
    public void A_linear_Resize_is_told_apart_from_a_nearest_one()
    {
        using var quantized = QuantizedModel.Static(Start().Constant("scales", [1f, 1, 2, 2], 4).Node("Resize", ["c", "", "scales"], ["y"], "y", ("mode", "linear")));

        Assert.AreEqual("float: only a nearest Resize moves bytes", quantized.Trace("y"));
    }

    [TestMethod]
    public void A_sum_that_becomes_a_bias_says_whose()
    {
        using var quantized = QuantizedModel.Static(ModelBuilder.Create()
            .Input("x", 4, 64).Output("y").Constant("w", RandomTensors.Weight(1, 64, 32)).Constant("b", RandomTensors.Weight(2, 32)).Node("MatMul", ["x", "w"], ["p"], "product").Node("Add", ["p", "b"], ["y"], "sum"));

        Assert.AreEqual("int8: ", quantized.Trace("product"));
        Assert.AreEqual("int8: it became the bias of 'product'", quantized.Trace("sum"));
    }

    [TestMethod]
    public void Nodes_of_subgraphs_follow_the_node_that_holds_them()
    {
        var branch = ModelBuilder.Subgraph(graph => graph.Node("Relu", ["x"], ["inner"], "inner").Output("inner"));
        var other = ModelBuilder.Subgraph(graph => graph.Node("Neg", ["x"], ["other"], "other").Output("other"));
        using var quantized = QuantizedModel.WeightsOnly(ModelBuilder.Create()
            .Input("x", 1, 64).Output("z").Constant("w", RandomTensors.Weight(1, 64, 64)).Constant("yes", new TensorProto { DataType = (int)DataType.Bool, RawData = Google.Protobuf.ByteString.CopyFrom(1) })
            .Node("If", ["yes"], ["y"], "choice", ("then_branch", branch), ("else_branch", other)).Node("MatMul", ["y", "w"], ["z"], "product"));

        Assert.AreEqual("choice inner other product", string.Join(' ', quantized.Traced.Select(node => node.Name)));
        Assert.AreEqual(" choice/then_branch choice/else_branch ", string.Join(' ', quantized.Traced.Select(node => node.Graph)));
        Assert.AreEqual("float: it is inside a subgraph of If 'choice'", quantized.Trace("inner"));
    }

    private static ModelBuilder Start() => ModelBuilder.Create()
        .Input("x", 1, 16, 8, 8).Output("y").Constant("w1", RandomTensors.Weight(1, 16, 16, 3, 3)).Node("Conv", ["x", "w1"], ["c"], "first");
}
