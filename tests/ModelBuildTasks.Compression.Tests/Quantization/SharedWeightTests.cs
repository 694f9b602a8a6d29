using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Quantization;

[TestClass]
public sealed class SharedWeightTests
{
    [TestMethod]
    public void A_weight_of_two_layers_is_stored_once_and_its_bias_once_for_each_input_scale()
    {
        var builder = ModelBuilder.Create().Input("x", 1, 16, 8, 8).Output("y").Constant("w", RandomTensors.Weight(1, 16, 16, 3, 3)).Constant("b", RandomTensors.Row(2, 16))
            .Node("Conv", ["x", "w", "b"], ["c"], "first").Node("Conv", ["c", "w", "b"], ["y"], "second");

        using var quantized = QuantizedModel.Static(builder);

        Assert.AreEqual(1, quantized.Graph.Initializer.Count(tensor => tensor.ElementCount() == 16 * 16 * 9));
        Assert.AreEqual(2, quantized.Graph.Initializer.Count(tensor => tensor.DataType == (int)TensorProto.Types.DataType.Int32));
        Assert.AreEqual(3, quantized.Graph.Node.Count(node => node.OpType == "DequantizeLinear" && quantized.Graph.Initializer.Any(tensor => tensor.Name == node.Input[0])));
        quantized.AssertRuns("QLinearConv", "QLinearConv");
        quantized.AssertSqnr(28);
    }

    [TestMethod]
    public void A_weight_along_two_axes_is_stored_once_for_each()
    {
        var builder = ModelBuilder.Create().Input("x", 4, 24).Output("y").Output("z").Constant("w", RandomTensors.Weight(1, 24, 24))
            .Node("Gemm", ["x", "w"], ["y"], "plain").Node("Gemm", ["x", "w"], ["z"], "transposed", ("transB", 1));

        using var quantized = QuantizedModel.Static(builder);

        Assert.AreEqual(2, quantized.Graph.Initializer.Count(tensor => tensor.ElementCount() == 24 * 24));
        quantized.AssertRuns("QGemm", "QGemm");
        quantized.AssertSqnr(33);
    }

    [TestMethod]
    public void A_reader_that_computes_in_float_takes_the_bytes_too()
    {
        var builder = ModelBuilder.Create().Input("x", 4, 24).Output("y").Output("z").Constant("w", RandomTensors.Weight(1, 24, 24))
            .Node("Gemm", ["x", "w"], ["y"], "product").Node("Add", ["x", "row"], ["z"]).Node("ReduceMean", ["w"], ["row"], ("axes", new[] { 0 }), ("keepdims", 0));

        using var quantized = QuantizedModel.Static(builder);

        Assert.IsFalse(quantized.Graph.Initializer.Any(tensor => tensor.DataType == (int)TensorProto.Types.DataType.Float && tensor.ElementCount() == 24 * 24));
        Assert.AreEqual(1, quantized.Graph.Initializer.Count(tensor => tensor.ElementCount() == 24 * 24));
        quantized.AssertRuns("QGemm");
        quantized.AssertSqnr(33);
    }

    [TestMethod]
    public void A_tied_embedding_is_stored_as_bytes_once()
    {
        var builder = ModelBuilder.Create().Input("x", 3, 16).Output("y").Output("z").Constant("w", RandomTensors.Weight(1, 40, 16)).Constant("ids", [7L, 1L, 39L], 3)
            .Node("Gather", ["w", "ids"], ["e"], "embedding").Node("Add", ["x", "e"], ["z"]).Node("Gemm", ["z", "w"], ["y"], "logits", ("transB", 1));

        using var quantized = QuantizedModel.Static(builder);

        Assert.AreEqual("int8", quantized.Layer("logits").Format);
        Assert.AreEqual("int8-weights", quantized.Layer("embedding").Format);
        Assert.AreEqual(1, quantized.Graph.Initializer.Count(tensor => tensor.ElementCount() == 40 * 16));
        quantized.AssertRuns("QGemm");
        quantized.AssertSqnr(33);
    }

    [TestMethod]
    public void A_reader_that_KeepFloat_names_keeps_the_float_weight_beside_the_bytes()
    {
        var builder = ModelBuilder.Create().Input("x", 4, 24).Output("y").Output("z").Constant("w", RandomTensors.Weight(1, 24, 24))
            .Node("Gemm", ["x", "w"], ["y"], "product").Node("Gemm", ["x", "w"], ["z"], "kept");

        using var quantized = QuantizedModel.Static(builder, "kept");

        Assert.AreEqual(4 * 24 * 24, quantized.Tensor("w").RawData.Length);
        Assert.AreEqual("w", quantized.Graph.Node.Single(node => node.Name == "kept").Input[1]);
        quantized.AssertRuns("QGemm", "Gemm");
        quantized.AssertSqnr(33);
    }

    [TestMethod]
    public void A_subgraph_that_reads_the_weight_reads_it_restored()
    {
        var body = ModelBuilder.Subgraph(branch => branch.Node("Add", ["w", "w"], ["twice"]).Output("twice"));
        var other = ModelBuilder.Subgraph(branch => branch.Node("Neg", ["w"], ["negative"]).Output("negative"));
        var builder = ModelBuilder.Create().Input("x", 4, 24).Output("y").Output("z").Constant("w", RandomTensors.Weight(1, 24, 24)).Constant("truth", TensorValues.Create("", [1f]))
            .Node("ReduceMax", ["x"], ["m"], ("keepdims", 0)).Node("Less", ["m", "truth"], ["c"])
            .Node("If", ["c"], ["z"], ("then_branch", body), ("else_branch", other)).Node("Gemm", ["x", "w"], ["y"], "product");

        using var quantized = QuantizedModel.Static(builder);

        Assert.AreEqual(1, quantized.Graph.Initializer.Count(tensor => tensor.ElementCount() == 24 * 24));
        quantized.AssertRuns("QGemm");
        quantized.AssertSqnr(33);
    }

    [TestMethod]
    [DataRow(2)]
    [DataRow(3)]
    public void A_table_of_embeddings_that_a_Transpose_makes_the_last_matrix_is_stored_as_bytes_once(int rank)
    {
        var dims = rank == 2 ? new long[] { 3, 16 } : [1, 3, 16];
        var builder = ModelBuilder.Create().Input("x", dims).Output("y").Output("z").Constant("w", RandomTensors.Weight(1, 40, 16)).Constant("ids", [7L, 1L, 39L], 3)
            .Node("Gather", ["w", "ids"], ["e"], "embedding").Node("Add", ["x", "e"], ["z"]).Node("Transpose", ["w"], ["wt"], ("perm", new[] { 1, 0 })).Node("MatMul", ["z", "wt"], ["y"], "logits");

        using var quantized = QuantizedModel.Static(builder);

        Assert.AreEqual("int8", quantized.Layer("logits").Format);
        Assert.AreEqual("int8-weights", quantized.Layer("embedding").Format);
        Assert.AreEqual("Int8", string.Join(",", quantized.Graph.Initializer.Where(tensor => tensor.ElementCount() == 40 * 16).Select(tensor => tensor.ElementType())));
        quantized.AssertRuns(rank == 2 ? "QGemm" : "MatMulIntegerToFloat");
        quantized.AssertDoesNotRun("Transpose");
        quantized.AssertSqnr(33);
    }

    [TestMethod]
    public void Weights_behind_a_Transpose_are_stored_as_bytes_without_calibration_too()
    {
        var builder = ModelBuilder.Create().Input("x", 1, 3, 16).Output("y").Constant("w", RandomTensors.Weight(1, 40, 16))
            .Node("Transpose", ["w"], ["wt"], ("perm", new[] { 1, 0 })).Node("MatMul", ["x", "wt"], ["y"], "logits");

        using var quantized = QuantizedModel.WeightsOnly(builder);

        Assert.AreEqual("int8-weights", quantized.Layer("logits").Format);
        Assert.AreEqual("MatMul", string.Join(" ", quantized.Running()));
        quantized.AssertSqnr(38);
    }
}
