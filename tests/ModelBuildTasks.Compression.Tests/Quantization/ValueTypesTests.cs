using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Quantization;

[TestClass]
public sealed class ValueTypesTests
{
    [TestMethod]
    public void A_type_follows_through_operators_that_keep_it()
    {
        var types = Types(ModelBuilder.Create().Input("x", 2, 3).Node("Relu", ["x"], ["r"]).Node("Shape", ["r"], ["s"]).Node("Gather", ["s", "s"], ["g"]).Node("Cast", ["g"], ["d"], ("to", (int)DataType.Double)).Output("r"));

        Assert.AreEqual(DataType.Float, types.Of("r"));
        Assert.AreEqual(DataType.Int64, types.Of("s"));
        Assert.AreEqual(DataType.Int64, types.Of("g"));
        Assert.AreEqual(DataType.Double, types.Of("d"));
        Assert.IsFalse(types.MayBeFloat("g"));
        Assert.IsTrue(types.MayBeFloat("d"));
    }

    [TestMethod]
    public void What_another_domain_computes_is_not_known_but_no_float_without_one()
    {
        var types = Types(ModelBuilder.Create().Input("x", 2, 3).Node("Shape", ["x"], ["s"]).Node("com.example", "Mix", ["s"], ["whole"], "first").Node("com.example", "Mix", ["s", "x"], ["any"], "second").Node("Identity", ["whole"], ["behind"]).Output("any"));

        Assert.IsNull(types.Of("whole"));
        Assert.IsFalse(types.MayBeFloat("whole"));
        Assert.IsNull(types.Of("behind"));
        Assert.IsFalse(types.MayBeFloat("behind"));
        Assert.IsNull(types.Of("missing"));
        Assert.IsTrue(types.MayBeFloat("missing"));
    }

    [TestMethod]
    public void A_window_is_of_floats_though_its_length_is_an_integer()
    {
        var types = Types(ModelBuilder.Create().Input("n", DataType.Int64).Node("HannWindow", ["n"], ["w"]).Output("w"));

        Assert.AreEqual(DataType.Float, types.Of("w"));
    }

    private static ValueTypes Types(ModelBuilder builder) => new(new OnnxGraph(builder.Build().Graph));
}
