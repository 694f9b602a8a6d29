using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Quantization;

/// <summary>Weights in Constant nodes, named or not, where no runtime made initializers of them before: models beyond 2 GiB are not simplified.</summary>
[TestClass]
public sealed class ConstantNodeTests
{
    [TestMethod]
    public void Weights_in_unnamed_Constant_nodes_are_weights_with_calibration()
    {
        using var quantized = QuantizedModel.Static(Network());

        Assert.AreEqual("int8 int8", string.Join(' ', quantized.Layers.Select(layer => layer.Format)));
        Assert.AreEqual("shape", Constants(quantized));
        quantized.AssertSqnr(30);
        quantized.AssertRuns("QLinearConv");
    }

    [TestMethod]
    public void Weights_in_unnamed_Constant_nodes_are_weights_without_calibration()
    {
        using var quantized = QuantizedModel.WeightsOnly(Network());

        Assert.AreEqual("int8-weights int8-weights", string.Join(' ', quantized.Layers.Select(layer => layer.Format)));
        Assert.AreEqual("b shape", Constants(quantized));
        quantized.AssertSqnr(30);
        quantized.AssertRuns();
    }

    [TestMethod]
    public void One_that_two_layers_read_is_stored_once()
    {
        using var quantized = QuantizedModel.Static(ModelBuilder.Create().Input("x", 4, 32).Output("y", 4, 32).ConstantNode("w", RandomTensors.Weight(1, 32, 32)).Node("MatMul", ["x", "w"], ["h"], "first").Node("MatMul", ["h", "w"], ["y"], "second"));

        Assert.AreEqual("int8 int8", string.Join(' ', quantized.Layers.Select(layer => layer.Format)));
        Assert.AreEqual(1, quantized.Graph.Initializer.Count(tensor => tensor.ElementType() == DataType.Int8 && tensor.ElementCount() == 32 * 32));
        Assert.AreEqual(0, quantized.Count("Constant"));
    }

    private static string Constants(QuantizedModel quantized) => string.Join(' ', quantized.Graph.Node.Where(node => node.OpType == "Constant").Select(node => node.Output[0]));

    private static ModelBuilder Network() => ModelBuilder.Create().Input("x", 1, 16, 8, 8).Output("y", 1, 16)
        .ConstantNode("w", RandomTensors.Weight(1, 16, 16, 3, 3)).ConstantNode("b", RandomTensors.Row(2, 16)).ConstantNode("m", RandomTensors.Weight(3, 16, 16)).ConstantNode("shape", TensorValues.Create("", [1L, 16L], 2))
        .Node("Conv", ["x", "w", "b"], ["c"], "conv", ("pads", new[] { 1, 1, 1, 1 })).Node("Relu", ["c"], ["r"], "relu").Node("GlobalAveragePool", ["r"], ["p"], "pool").Node("Reshape", ["p", "shape"], ["f"], "reshape").Node("MatMul", ["f", "m"], ["y"], "product");
}
