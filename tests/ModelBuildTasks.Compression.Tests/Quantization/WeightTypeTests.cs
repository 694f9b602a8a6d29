using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Quantization;

[TestClass]
public sealed class WeightTypeTests
{
    [TestMethod]
    [DataRow("Float16")]
    [DataRow("Double")]
    public void A_layer_that_computes_in_another_float_has_its_weight_restored_in_that_one(string name)
    {
        var type = Enum.Parse<DataType>(name);
        var builder = ModelBuilder.Create(13).Input("x", 4, 24).Output("y", type)
            .Node("Cast", ["x"], ["t"], ("to", (int)type)).Constant("w", Converted(RandomTensors.Weight(1, 24, 48), type)).Node("MatMul", ["t", "w"], ["y"], "product");

        using var quantized = QuantizedModel.WeightsOnly(builder);

        Assert.AreEqual("int8-weights", quantized.Layer("product").Format);
        Assert.IsTrue(quantized.Graph.Initializer.All(tensor => tensor.ElementType() != type || tensor.ElementCount() == 48), "only scales may have it");
        quantized.AssertSqnr(35);
        Assert.IsFalse(quantized.Running().Contains("Mul"));
    }

    [TestMethod]
    public void The_weight_of_a_calibrated_layer_of_halves_is_stored_as_bytes_and_the_report_says_why_not_more()
    {
        var builder = ModelBuilder.Create(13).Input("x", 4, 24).Output("y", DataType.Float16)
            .Node("Cast", ["x"], ["t"], ("to", (int)DataType.Float16)).Constant("w", Converted(RandomTensors.Weight(1, 24, 48), DataType.Float16)).Node("MatMul", ["t", "w"], ["y"], "product");

        using var quantized = QuantizedModel.Static(builder);

        Assert.AreEqual("int8-weights", quantized.Layer("product").Format);
        StringAssert.Contains(quantized.Layer("product").Reason, "Float16");
    }

    [TestMethod]
    public void Halves_brain_floats_and_doubles_become_the_nearest_floats()
    {
        var half = new TensorProto { Name = "h", DataType = (int)DataType.Float16, RawData = Google.Protobuf.ByteString.CopyFrom(0x00, 0x3C, 0x00, 0xC0) };
        var brain = new TensorProto { Name = "b", DataType = (int)DataType.Bfloat16, RawData = Google.Protobuf.ByteString.CopyFrom(0x80, 0x3F, 0x00, 0xC0) };
        var wide = new TensorProto { Name = "d", DataType = (int)DataType.Double };
        wide.DoubleData.AddRange([1, -2]);
        foreach (var tensor in (TensorProto[])[half, brain, wide])
        {
            tensor.Dims.Add(2);
            CollectionAssert.AreEqual(new[] { 1f, -2f }, new SinglesReader(tensor).Read(0, 2).ToArray(), tensor.Name);
        }
    }

    private static TensorProto Converted(TensorProto tensor, DataType type)
    {
        var converted = new TensorProto { DataType = (int)type };
        converted.Dims.AddRange(tensor.Dims);
        var values = tensor.Singles().ToArray();
        if (type == DataType.Double)
        {
            converted.DoubleData.AddRange(values.Select(value => (double)value));
        }
        else
        {
            converted.Int32Data.AddRange(values.Select(value => (int)BitConverter.HalfToUInt16Bits((Half)value)));
        }

        return converted;
    }
}
