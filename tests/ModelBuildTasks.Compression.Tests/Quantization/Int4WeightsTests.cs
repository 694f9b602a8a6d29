using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Quantization.Weights;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Quantization;

[TestClass]
public sealed class Int4WeightsTests
{
    private static readonly FormatAssignment Int4 = FormatAssignment.Int4Weights(BlockOptions.Default);

    [TestMethod]
    [DataRow("Conv")]
    [DataRow("ConvTranspose")]
    [DataRow("Gemm")]
    [DataRow("GemmTransposed")]
    [DataRow("MatMul")]
    [DataRow("MatMulStacked")]
    [DataRow("MatMulLeft")]
    [DataRow("LSTM")]
    [DataRow("GRU")]
    [DataRow("RNN")]
    public void Weights_are_restored_once_when_the_model_is_loaded(string operation)
    {
        foreach (var (size, isSymmetric) in new[] { (32, true), (16, false), (64, false) })
        {
            using var quantized = QuantizedModel.With(FormatAssignment.Int4Weights(new BlockOptions(size, isSymmetric)), Layer(operation));

            var layer = quantized.Layer("layer");
            Assert.AreEqual("int4-weights", layer.Format);
            Assert.IsLessThan(0.2, (double)layer.BytesAfter / layer.BytesBefore);
            Assert.IsGreaterThan(19, layer.SqnrDb!.Value);
            quantized.AssertDoesNotRun("Cast", "Mul", "Sub", "Gather", "Slice", "MatMulNBits");
            Assert.IsTrue(quantized.Optimized().Initializer.All(tensor => tensor.ElementType() is DataType.Float or DataType.Int64), "something is left unfolded");
            quantized.AssertSqnr(14);
        }
    }

    [TestMethod]
    [DataRow(7)]
    [DataRow(9)]
    [DataRow(10)]
    [DataRow(13)]
    [DataRow(21)]
    public void Any_operator_set_restores_its_weights(int opset)
    {
        var builder = Create(opset).Input("x", 1, 16, 8, 8).Output("y").Constant("w", RandomTensors.Weight(1, 32, 16, 3, 3)).Node("Conv", ["x", "w"], ["y"], "conv");

        foreach (var isSymmetric in new[] { true, false })
        {
            using var quantized = QuantizedModel.With(FormatAssignment.Int4Weights(new BlockOptions(32, isSymmetric)), builder);

            Assert.AreEqual("int4-weights", quantized.Layer("conv").Format);
            quantized.AssertDoesNotRun("Cast", "Mul", "Slice", "Gather");
            quantized.AssertSqnr(17);
        }
    }

    [TestMethod]
    [DataRow(7, true)]
    [DataRow(13, true)]
    [DataRow(13, false)]
    [DataRow(21, true)]
    public void A_large_product_is_an_operator_of_its_own_at_any_operator_set(int opset, bool isSymmetric)
    {
        // 400 is no multiple of the block: the last one is padded.
        var builder = Create(opset).Input("x", 2, 3, 400).Output("y").Constant("w", RandomTensors.Weight(1, 400, 300)).Node("MatMul", ["x", "w"], ["y"], "product");

        using var quantized = QuantizedModel.With(FormatAssignment.Int4Weights(new BlockOptions(32, isSymmetric)), builder);

        Assert.AreEqual("int4-weights", quantized.Layer("product").Format);
        quantized.AssertRuns("MatMulNBits");
        quantized.AssertDoesNotRun("MatMul");
        CollectionAssert.AreEqual(new long[] { 300, 13 * 16 }, quantized.Tensor("w_q").Dims.ToArray());
        Assert.AreEqual(DataType.Float16, quantized.Tensor("w_s").ElementType());
        quantized.AssertSqnr(17);
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    public void The_row_that_a_Gemm_adds_is_added_by_the_operator(int transB)
    {
        var builder = ModelBuilder.Create().Input("x", 2, 400).Output("y").Constant("w", transB == 0 ? RandomTensors.Weight(1, 400, 300) : RandomTensors.Weight(1, 300, 400)).Constant("b", RandomTensors.Row(2, 300))
            .Node("Gemm", ["x", "w", "b"], ["y"], "product", ("transB", transB));

        using var quantized = QuantizedModel.With(Int4, builder);

        quantized.AssertRuns("MatMulNBits");
        quantized.AssertDoesNotRun("Gemm", "Add");
        quantized.AssertSqnr(17);
    }

    [TestMethod]
    public void What_else_a_Gemm_adds_is_added_behind_it()
    {
        var builder = ModelBuilder.Create().Input("x", 2, 400).Output("y").Constant("w", RandomTensors.Weight(1, 400, 300)).Constant("c", RandomTensors.Row(2, 2, 300))
            .Node("Gemm", ["x", "w", "c"], ["y"], "product");

        using var quantized = QuantizedModel.With(Int4, builder);

        quantized.AssertRuns("MatMulNBits", "Add");
        quantized.AssertSqnr(17);
    }

    [TestMethod]
    public void A_Gemm_that_the_operator_cannot_be_keeps_its_float_weight()
    {
        var builder = ModelBuilder.Create().Input("x", 2, 400).Output("y").Constant("w", RandomTensors.Weight(1, 400, 300)).Node("Gemm", ["x", "w"], ["y"], "product", ("alpha", 0.5f));

        using var quantized = QuantizedModel.With(Int4, builder);

        Assert.AreEqual("int4-weights", quantized.Layer("product").Format);
        quantized.AssertDoesNotRun("MatMulNBits", "Cast", "Mul");
        quantized.AssertSqnr(17);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Only_the_entries_of_a_table_that_are_looked_up_are_restored(bool isSymmetric)
    {
        using var quantized = QuantizedModel.With(FormatAssignment.Int4Weights(new BlockOptions(32, isSymmetric)), Embedding(64));

        Assert.AreEqual("int4-weights", quantized.Layer("lookup").Format);
        quantized.AssertRuns("GatherBlockQuantized");
        quantized.AssertDoesNotRun("Gather");
        quantized.AssertSqnr(19);
    }

    [TestMethod]
    public void A_table_whose_entries_are_no_whole_blocks_is_restored()
    {
        using var quantized = QuantizedModel.With(Int4, Embedding(72));

        Assert.AreEqual("int4-weights", quantized.Layer("lookup").Format);
        quantized.AssertDoesNotRun("GatherBlockQuantized", "Cast", "Mul");
        quantized.AssertSqnr(19);
    }

    [TestMethod]
    public void A_table_that_is_the_matrix_of_the_last_layer_too_is_stored_once()
    {
        var builder = ModelBuilder.Create().Input("ids", DataType.Int64, 4).Output("y").Constant("w", RandomTensors.Weight(1, 300, 384))
            .Node("Gather", ["w", "ids"], ["e"], "lookup").Node("Relu", ["e"], ["r"]).Node("Transpose", ["w"], ["t"], ("perm", new[] { 1, 0 })).Node("MatMul", ["r", "t"], ["y"], "product");

        using var quantized = QuantizedModel.With(Int4, builder);

        Assert.IsTrue(quantized.Layers.All(layer => layer.Format == "int4-weights"));
        Assert.AreEqual(1, quantized.Graph.Initializer.Count(tensor => tensor.ElementType() == DataType.Uint8));
        Assert.IsGreaterThan(6.5, quantized.FloatBytes / (double)quantized.Bytes.Length);
        quantized.AssertRuns("GatherBlockQuantized", "MatMulNBits");
        quantized.AssertDoesNotRun("Transpose");
        quantized.AssertSqnr(14);
    }

    [TestMethod]
    public void Readers_that_want_the_weight_in_another_form_share_its_levels()
    {
        var builder = ModelBuilder.Create().Input("x", 4, 400).Input("z", 300, 4).Output("y").Output("v").Constant("w", RandomTensors.Weight(1, 400, 300))
            .Node("MatMul", ["x", "w"], ["y"], "product").Node("MatMul", ["w", "z"], ["v"], "left");

        using var quantized = QuantizedModel.With(Int4, builder);

        Assert.IsTrue(quantized.Layers.All(layer => layer.Format == "int4-weights"));
        Assert.AreEqual(1, quantized.Graph.Initializer.Count(tensor => tensor.ElementType() == DataType.Uint8));
        quantized.AssertRuns("MatMulNBits", "MatMul");
        quantized.AssertSqnr(17);
    }

    [TestMethod]
    public void Models_of_large_products_become_more_than_six_and_a_half_times_smaller()
    {
        var builder = ModelBuilder.Create().Input("x", 1, 512).Output("y").Constant("w", RandomTensors.Weight(1, 512, 512)).Constant("v", RandomTensors.Weight(2, 512, 512))
            .Node("MatMul", ["x", "w"], ["h"], "first").Node("Relu", ["h"], ["r"]).Node("MatMul", ["r", "v"], ["y"], "second");

        using var quantized = QuantizedModel.With(Int4, builder);

        Assert.IsGreaterThan(6.5, quantized.FloatBytes / (double)quantized.Bytes.Length);
    }

    [TestMethod]
    public void Small_and_shallow_weights_keep_eight_bits_and_the_report_says_why()
    {
        var builder = ModelBuilder.Create().Input("x", 1, 3, 16, 16).Output("y")
            .Constant("a", RandomTensors.Weight(1, 256, 3, 3, 3)).Constant("b", RandomTensors.Weight(2, 256, 1, 3, 3)).Constant("c", RandomTensors.Weight(3, 8, 256, 1, 1))
            .Node("Conv", ["x", "a"], ["p"], "first").Node("Conv", ["p", "b"], ["q"], "depthwise", ("group", 256)).Node("Conv", ["q", "c"], ["y"], "small");

        using var quantized = QuantizedModel.With(Int4, builder);

        Assert.IsTrue(quantized.Layers.All(layer => layer.Format == "int8-weights"));
        StringAssert.Contains(quantized.Layer("first").Reason, "the 27 weights of 'a' that are summed fill no block of 32");
        StringAssert.Contains(quantized.Layer("depthwise").Reason, "fill no block");
        StringAssert.Contains(quantized.Layer("small").Reason, "4 bits would save little on the 2048 weights");
    }

    [TestMethod]
    public void A_layer_that_KeepFloat_names_and_its_weight_stay_float()
    {
        var builder = ModelBuilder.Create().Input("x", 1, 512).Output("y").Constant("w", RandomTensors.Weight(1, 512, 512))
            .Node("MatMul", ["x", "w"], ["h"], "kept").Node("MatMul", ["h", "w"], ["y"], "sharing");

        using var quantized = QuantizedModel.With(Int4, builder, "kept");

        Assert.IsTrue(quantized.Layers.All(layer => layer.Format == "float"));
        StringAssert.Contains(quantized.Layer("sharing").Reason, "KeepFloat");
    }

    [TestMethod]
    public void A_weight_inside_a_subgraph_is_stored_there()
    {
        var builder = ModelBuilder.Create().Input("x", 4, 64).Output("y").Constant("yes", TensorValues.Create("yes", DataType.Bool, Google.Protobuf.ByteString.CopyFrom(1)))
            .Node("If", ["yes"], ["y"], "choice", ("then_branch", Branch(1)), ("else_branch", Branch(2)));

        using var quantized = QuantizedModel.With(Int4, builder);

        Assert.IsTrue(quantized.Layers.All(layer => layer.Format == "int4-weights"), string.Join("; ", quantized.Layers.Select(layer => layer.Reason)));
        Assert.IsLessThan(0.25, quantized.Bytes.Length / (double)quantized.FloatBytes);
        quantized.AssertSqnr(16);
    }

    [TestMethod]
    public void Weights_of_another_float_type_are_restored_in_it()
    {
        var half = TensorValues.Create("w", DataType.Float16, Google.Protobuf.ByteString.CopyFrom(LittleEndian.Bytes<Half>(Array.ConvertAll(RandomTensors.Weight(1, 400, 300).Singles().ToArray(), value => (Half)value))), 400, 300);
        var builder = ModelBuilder.Create().Input("x", 2, 400).Output("y").Constant("w", half).Node("Cast", ["x"], ["h"], ("to", 10)).Node("MatMul", ["h", "w"], ["m"], "product").Node("Cast", ["m"], ["y"], ("to", 1));

        using var quantized = QuantizedModel.With(Int4, builder);

        Assert.AreEqual("int4-weights", quantized.Layer("product").Format);
        quantized.AssertSqnr(17);
    }

    private static GraphProto Branch(int seed) => ModelBuilder.Subgraph(builder => builder.Output("o").Constant("w", RandomTensors.Weight(seed, 64, 96)).Constant("v", RandomTensors.Weight(seed, 96, 64))
        .Node("MatMul", ["x", "w"], ["h"], $"first{seed}").Node("MatMul", ["h", "v"], ["o"], $"second{seed}"));

    private static ModelBuilder Create(int opset) => ModelBuilder.Create(opset, opset > 17 ? 10 : 8);

    private static ModelBuilder Embedding(int width) => ModelBuilder.Create().Input("x", 4, width).Output("y").Constant("w", RandomTensors.Weight(1, 100, width)).Constant("ids", [3L, 99L, 0L, 50L], 4)
        .Node("Abs", ["ids"], ["abs"]).Node("Gather", ["w", "abs"], ["e"], "lookup").Node("Add", ["x", "e"], ["y"]);

    private static ModelBuilder Layer(string operation)
    {
        var builder = ModelBuilder.Create().Output("y");
        return operation switch
        {
            "Conv" => builder.Input("x", 1, 16, 8, 8).Constant("w", RandomTensors.Weight(1, 32, 16, 3, 3)).Node("Conv", ["x", "w"], ["y"], "layer"),
            "ConvTranspose" => builder.Input("x", 1, 64, 8, 8).Constant("w", RandomTensors.Weight(1, 64, 16, 3, 3)).Node("ConvTranspose", ["x", "w"], ["y"], "layer"),
            "Gemm" => builder.Input("x", 4, 96).Constant("w", RandomTensors.Weight(1, 96, 64)).Node("Gemm", ["x", "w"], ["y"], "layer"),
            "GemmTransposed" => builder.Input("x", 4, 96).Constant("w", RandomTensors.Weight(1, 64, 96)).Node("Gemm", ["x", "w"], ["y"], "layer", ("transB", 1)),
            "MatMul" => builder.Input("x", 2, 4, 96).Constant("w", RandomTensors.Weight(1, 96, 64)).Node("MatMul", ["x", "w"], ["y"], "layer"),
            "MatMulStacked" => builder.Input("x", 3, 4, 96).Constant("w", RandomTensors.Weight(1, 3, 96, 64)).Node("MatMul", ["x", "w"], ["y"], "layer"),
            "MatMulLeft" => builder.Input("x", 96, 4).Constant("w", RandomTensors.Weight(1, 64, 96)).Node("MatMul", ["w", "x"], ["y"], "layer"),
            _ => Recurrent(builder, operation, operation switch { "LSTM" => 4, "GRU" => 3, _ => 1 }),
        };
    }

    private static ModelBuilder Recurrent(ModelBuilder builder, string operation, int gates) => builder.Input("x", 5, 2, 72)
        .Constant("w", RandomTensors.Weight(1, 2, gates * 64, 72)).Constant("r", RandomTensors.Weight(2, 2, gates * 64, 64))
        .Node(operation, ["x", "w", "r"], ["y"], "layer", ("hidden_size", 64), ("direction", "bidirectional"));
}
