using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Tests.Devices;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Quantization;

/// <summary>What the tables that the package ships make of networks as they are built everywhere.</summary>
[TestClass]
public sealed class ShippedDecisionTests
{
    [TestMethod]
    [DataRow("x64")]
    [DataRow("x64-vnni")]
    public void A_first_convolution_of_one_channel_is_float(string device)
    {
        var planned = Plan(device, Picture(1, 28).Convolution("x", "first", 1, 16, kernel: 3).Convolution("first", "second", 16, 32, kernel: 3, stride: 2).Convolution("second", "third", 32, 64, kernel: 3, stride: 2).Convolution("third", "y", 64, 64, kernel: 3));

        Assert.AreEqual("second third y", planned.Int8Layers);
        StringAssert.StartsWith(planned.Why("first"), "the cost table has int8 at ");
    }

    [TestMethod]
    [DataRow("x64")]
    [DataRow("x64-vnni")]
    public void Depthwise_convolutions_are_int8_between_pointwise_ones(string device)
    {
        var planned = Plan(device, Picture(24, 56).Convolution("x", "first", 24, 96, kernel: 3)
            .Convolution("first", "depthwise1", 96, 96, kernel: 3, groups: 96).Convolution("depthwise1", "pointwise1", 96, 96)
            .Convolution("pointwise1", "depthwise2", 96, 96, kernel: 3, groups: 96, stride: 2).Convolution("depthwise2", "pointwise2", 96, 192)
            .Convolution("pointwise2", "depthwise3", 192, 192, kernel: 3, groups: 192).Convolution("depthwise3", "y", 192, 192));

        Assert.AreEqual("first depthwise1 pointwise1 depthwise2 pointwise2 depthwise3 y", planned.Int8Layers);
    }

    [TestMethod]
    [DataRow("x64")]
    [DataRow("x64-vnni")]
    public void A_residual_network_is_int8_as_a_whole(string device)
    {
        var planned = Plan(device, Picture(3, 112).Convolution("x", "stem", 3, 64, kernel: 7, stride: 2).Node("MaxPool", ["stem"], ["pooled"], "pool", ("kernel_shape", new[] { 3, 3 }), ("strides", new[] { 2, 2 }), ("pads", new[] { 1, 1, 1, 1 }))
            .Convolution("pooled", "a1", 64, 64, kernel: 3).Convolution("a1", "a2", 64, 64, kernel: 3, relu: false).Node("Add", ["a2", "pooled"], ["s1"], "sum1").Node("Relu", ["s1"], ["r1"])
            .Convolution("r1", "b1", 64, 128, kernel: 3, stride: 2).Convolution("b1", "b2", 128, 128, kernel: 3, relu: false).Convolution("r1", "down", 64, 128, stride: 2, relu: false).Node("Add", ["b2", "down"], ["s2"], "sum2").Node("Relu", ["s2"], ["r2"])
            .Node("GlobalAveragePool", ["r2"], ["g"], "average").Node("Flatten", ["g"], ["f"], "flatten").Constant("matrix", RandomTensors.Weight(1, 128, 1000)).Node("Gemm", ["f", "matrix"], ["y"], "logits"));

        Assert.AreEqual("stem a1 a2 b1 b2 down logits", planned.Int8Layers);
        Assert.AreEqual("pool sum1 sum2 average flatten", planned.Connectors);
    }

    [TestMethod]
    [DataRow("x64")]
    [DataRow("x64-vnni")]
    public void Convolutions_of_few_channels_with_an_activation_that_only_float_fuses_are_float(string device)
    {
        var planned = Plan(device, ModelBuilder.Create(14).Input("x", 1, 16, 56, 56).Output("y")
            .Convolution("x", "a", 16, 16, relu: false).Node("HardSwish", ["a"], ["h1"]).Convolution("h1", "b", 16, 16, kernel: 3, groups: 16, relu: false).Node("HardSwish", ["b"], ["h2"])
            .Convolution("h2", "c", 16, 24, relu: false).Node("HardSwish", ["c"], ["h3"]).Convolution("h3", "y", 24, 24));

        Assert.AreEqual("", planned.Int8Layers);
    }

    [TestMethod]
    [DataRow("x64")]
    [DataRow("x64-vnni")]
    public void Large_products_are_int8_and_tiny_ones_are_not(string device)
    {
        ModelBuilder Product(int inputs, int outputs) => ModelBuilder.Create().Input("x", 1, inputs).Output("y").Constant("w", new float[inputs * outputs], inputs, outputs).Node("Gemm", ["x", "w"], ["y"], "product");

        Assert.AreEqual("product", Plan(device, Product(512, 1000)).Int8Layers);
        Assert.AreEqual("", Plan(device, Product(8, 4)).Int8Layers);
    }

    [TestMethod]
    [DataRow("x64")]
    [DataRow("x64-vnni")]
    public void An_average_of_windows_is_float_between_int8_convolutions(string device)
    {
        var planned = Plan(device, Picture(64, 28).Convolution("x", "a", 64, 64, kernel: 3).Node("AveragePool", ["a"], ["p"], "pool", ("kernel_shape", new[] { 3, 3 }), ("pads", new[] { 1, 1, 1, 1 })).Convolution("p", "y", 64, 64, kernel: 3));

        Assert.AreEqual("a y", planned.Int8Layers);
        StringAssert.StartsWith(planned.Why("pool"), "the cost table has int8 at ");
    }

    [TestMethod]
    [DataRow("x64", false)]
    [DataRow("x64", true)]
    [DataRow("x64-vnni", false)]
    [DataRow("x64-vnni", true)]
    public void Of_a_network_of_HardSwish_and_squeeze_and_excite_the_products_alone_are_int8(string device, bool isDecomposed)
    {
        var planned = Plan(device, PlannedNetworks.MobileNetV3(64, isDecomposed));

        Assert.AreEqual("hidden logits", planned.Int8Layers);
        Assert.AreEqual("", planned.Connectors);
    }

    private static ModelBuilder Picture(int channels, int size) => ModelBuilder.Create().Input("x", 1, channels, size, size).Output("y");

    private static PlannedModel Plan(string device, ModelBuilder builder) => new(builder, CostTable.Load(ShippedCostTablesTests.PathOf(device)));
}
