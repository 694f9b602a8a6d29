using ModelBuildTasks.Compression.Evaluation;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Execution;

namespace ModelBuildTasks.Compression.Tests.Evaluation;

[TestClass]
public sealed class SparsityTests
{
    [TestMethod]
    public void Zeros_of_both_signs_count_in_float_weights()
        => Assert.AreEqual(0.5, Of(graph => graph.Initializer.Add(TensorValues.Create("w", [0f, -0f, 1f, -2f], 2, 2))));

    [TestMethod]
    public void Zeros_count_in_int8_weights_whichever_field_holds_them()
    {
        var typed = new TensorProto { Name = "v", DataType = (int)TensorProto.Types.DataType.Int8, Dims = { 1, 4 }, Int32Data = { 0, -1, 127, 5 } };

        Assert.AreEqual(3.0 / 8, Of(graph => graph.Initializer.AddRange([TensorValues.Create("w", new sbyte[] { 0, 0, -1, 3 }, 4, 1), typed])));
    }

    [TestMethod]
    public void A_weight_in_a_constant_node_counts() => Assert.AreEqual(0.25, Of(graph => graph.Node.Add(new NodeProto
    {
        OpType = "Constant",
        Output = { "w" },
        Attribute = { new AttributeProto { Name = "value", Type = AttributeProto.Types.AttributeType.Tensor, T = TensorValues.Create("", [0f, 1f, 2f, 3f], 2, 2) } },
    })));

    [TestMethod]
    public void Biases_scales_and_shapes_are_no_weights() => Assert.AreEqual(0.25, Of(graph => graph.Initializer.AddRange(
    [
        TensorValues.Create("w", [0f, 1f, 2f, 3f], 2, 2),
        TensorValues.Create("bias", [0f, 0f], 2),
        TensorValues.Create("zeroPoint", new sbyte[] { 0 }),
        TensorValues.Create("shape", [0L, 0L], 1, 2),
    ])));

    [TestMethod]
    public void A_model_without_weights_is_not_sparse() => Assert.AreEqual(0.0, Of(_ => { }));

    private static double Of(Action<GraphProto> add)
    {
        using var folder = new TemporaryFolder();
        var graph = ModelPair.Identity(2);
        add(graph);
        graph.Model().Write(folder.File("model.onnx"));
        using var model = OnnxModel.Load(folder.File("model.onnx"));
        return Sparsity.Of(model);
    }
}
