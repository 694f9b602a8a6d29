using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Quantization;

/// <summary>Plans with tables that are made up: each decision follows its numbers.</summary>
[TestClass]
public sealed class CostDecisionTests
{
    private static readonly BorderCosts Borders = new(Start: 100, Quantize: 1000, Dequantize: 500, LayoutToBytes: 200, LayoutToFloat: 300);

    [TestMethod]
    public void A_layer_is_int8_where_its_number_is_the_smaller_and_float_where_it_is_not()
    {
        Assert.AreEqual("conv", new PlannedModel(Convolution(), Table(Dense(single: 200, int8: 30))).Int8Layers);
        Assert.AreEqual("", new PlannedModel(Convolution(), Table(Dense(single: 30, int8: 100))).Int8Layers);
    }

    [TestMethod]
    public void The_reason_tells_both_costs_with_the_conversions()
    {
        // 1600 elements on both sides, 25.6 thousand multiply-adds: int8 100 + 1280, QuantizeLinear 100 + 1600 and DequantizeLinear 100 + 800; float 100 + 2560.
        var planned = new PlannedModel(Convolution(), Table(Dense(single: 100, int8: 50)));

        Assert.AreEqual("the cost table has int8 at 4.0 µs against float at 2.7 µs, conversions between them included", planned.Why("conv"));
    }

    [TestMethod]
    public void Conversions_cost_nothing_between_layers_on_bytes()
    {
        // Alone (above) these numbers do not pay; three in a row share two conversions.
        var builder = Input().Convolution("x", "a", 16, 16).Convolution("a", "b", 16, 16).Convolution("b", "y", 16, 16);

        Assert.AreEqual("a b y", new PlannedModel(builder, Table(Dense(single: 100, int8: 15))).Int8Layers);
    }

    [TestMethod]
    public void Bytes_have_to_win_by_more_than_the_noise_of_a_measurement()
    {
        CostTable Borderless(double single, double int8) => new(BorderCosts.None, [Dense(single, int8)], []);

        Assert.AreEqual("", new PlannedModel(Convolution(), Borderless(single: 50, int8: 50)).Int8Layers);
        Assert.AreEqual("", new PlannedModel(Convolution(), Borderless(single: 50, int8: 46)).Int8Layers);
        Assert.AreEqual("conv", new PlannedModel(Convolution(), Borderless(single: 50, int8: 45)).Int8Layers);
    }

    [TestMethod]
    public void A_slower_depthwise_convolution_stays_between_int8_layers_where_conversions_would_cost_more()
    {
        var builder = Input().Convolution("x", "expand", 16, 64).Convolution("expand", "depthwise", 64, 64, kernel: 3, groups: 64).Convolution("depthwise", "y", 64, 16);

        // 57.6 thousand multiply-adds; both conversions of 6400 elements take 13 µs.
        Assert.AreEqual("expand depthwise y", new PlannedModel(builder, Table(Dense(200, 10), Depthwise(single: 50, int8: 200))).Int8Layers);
        Assert.AreEqual("expand y", new PlannedModel(builder, Table(Dense(200, 10), Depthwise(single: 50, int8: 300))).Int8Layers);
    }

    [TestMethod]
    public void A_slower_depthwise_convolution_at_the_border_is_float()
    {
        var builder = ModelBuilder.Create().Input("x", 1, 64, 10, 10).Output("y").Convolution("x", "depthwise", 64, 64, kernel: 3, groups: 64).Convolution("depthwise", "y", 64, 16);

        var planned = new PlannedModel(builder, Table(Dense(200, 10), Depthwise(single: 50, int8: 100)));

        Assert.AreEqual("y", planned.Int8Layers);
        Assert.AreEqual("depthwise y", planned.Activations);
    }

    [TestMethod]
    public void An_operator_that_is_slow_on_bytes_runs_in_float_between_int8_layers()
    {
        var builder = Input().Convolution("x", "a", 16, 64).Node("AveragePool", ["a"], ["p"], "pool", ("kernel_shape", new[] { 3, 3 }), ("pads", new[] { 1, 1, 1, 1 })).Convolution("p", "y", 64, 16);

        Assert.AreEqual("pool", new PlannedModel(builder, Table(Dense(100, 10), new ElementCost("AveragePool", 100, 200))).Connectors);
        var planned = new PlannedModel(builder, Table(Dense(100, 10), new ElementCost("AveragePool", 100, 9000)));
        Assert.AreEqual("", planned.Connectors);
        Assert.AreEqual("a y", planned.Int8Layers);
        StringAssert.StartsWith(planned.Why("pool"), "the cost table has int8 at 57.7 µs against float at ");
    }

    [TestMethod]
    public void An_activation_that_fuses_in_float_counts_against_int8()
    {
        var builder = ModelBuilder.Create(14).Input("x", 1, 16, 10, 10).Output("y").Convolution("x", "a", 16, 16).Convolution("a", "b", 16, 16, relu: false).Node("HardSwish", ["b"], ["h"]).Convolution("h", "y", 16, 16);

        // Float in passing against alone, and its own pair of conversions.
        var planned = new PlannedModel(builder, Table(Dense(100, 10), new ElementCost("HardSwish", 100, 3000)));
        Assert.IsNotNull(planned.Why("b"));
        planned = new PlannedModel(builder, Table(Dense(1000, 10), new ElementCost("HardSwish", 100, 3000)));
        Assert.AreEqual("a b y", planned.Int8Layers);
    }

    [TestMethod]
    public void Bytes_that_another_layer_reads_anyway_cost_nothing_more()
    {
        var builder = ModelBuilder.Create().Input("x", 4, 64).Output("y").Output("z")
            .Constant("w", RandomTensors.Weight(1, 64, 64)).Constant("v", RandomTensors.Weight(2, 64, 8))
            .Node("MatMul", ["x", "w"], ["y"], "large").Node("MatMul", ["x", "v"], ["z"], "small");

        // 256 elements take 356 ns; the small product of 2048 multiply-adds saves 102 ns, the large one 820.
        Assert.AreEqual("large small", new PlannedModel(builder, Table(Product(single: 60, int8: 10))).Int8Layers);
        Assert.AreEqual("", new PlannedModel(builder, Table(Product(single: 60, int8: 10)), "large").Int8Layers);
    }

    [TestMethod]
    public void A_layer_goes_with_the_operators_that_only_it_connects()
    {
        var builder = Input().Convolution("x", "a", 16, 16).Convolution("a", "b", 16, 16).Node("Add", ["a", "b"], ["s"], "sum").Convolution("s", "y", 16, 16);

        // The last one is too small to pay for bytes of its own, but the sum would fall with it.
        Assert.AreEqual("a b y", new PlannedModel(builder, Table(Dense(100, 10), new ElementCost("Add", 3000, 100))).Int8Layers);
        Assert.AreEqual("sum", new PlannedModel(builder, Table(Dense(100, 10), new ElementCost("Add", 3000, 100))).Connectors);
        Assert.AreEqual("nothing that computes on bytes reads its result", new PlannedModel(builder, Table(Dense(100, 10), new ElementCost("Add", 3000, 100)), "y").Why("sum"));
    }

    [TestMethod]
    public void What_the_table_does_not_know_computes_on_bytes()
    {
        var builder = ModelBuilder.Create().Input("x", 4, 64).Output("y").Constant("w", RandomTensors.Weight(1, 64, 64)).Node("MatMul", ["x", "w"], ["y"], "product");

        Assert.AreEqual("product", new PlannedModel(builder, Table(Dense(1, 1000))).Int8Layers);
        Assert.AreEqual("product", new PlannedModel(builder, CostTable.None).Int8Layers);
    }

    [TestMethod]
    [DataRow("batch", "height", "width")]
    [DataRow("batch", 10, 10)]
    [DataRow(1, 10, 10)]
    public void Dimensions_that_the_model_does_not_tell_decide_nothing(object batch, object height, object width)
    {
        ModelBuilder Model() => ModelBuilder.Create().Input("x", DataType.Float, batch, 16, height, width).Output("y").Convolution("x", "y", 16, 16);

        Assert.AreEqual("y", new PlannedModel(Model(), Table(Dense(130, 15))).Int8Layers);
        Assert.AreEqual("", new PlannedModel(Model(), Table(Dense(100, 15))).Int8Layers);
    }

    [TestMethod]
    public void Strides_make_the_result_smaller()
    {
        var builder = Input().Constant("w", RandomTensors.Weight(1, 16, 16, 1, 1)).Node("Conv", ["x", "w"], ["y"], "conv", ("strides", new[] { 2, 2 }));

        // 400 elements and 6.4 thousand multiply-adds: int8 100 + 64 + 100 + 1600 + 100 + 200, float 100 + 2048.
        Assert.AreEqual("the cost table has int8 at 2.2 µs against float at 2.1 µs, conversions between them included", new PlannedModel(builder, Table(Dense(320, 10))).Why("conv"));
    }

    private static LayerCost Dense(double single, double int8) => new(new LayerClass("Conv", 2, 1, 1, 16, 16), single, int8);

    private static LayerCost Depthwise(double single, double int8) => new(new LayerClass("Conv", 2, 9, 64, 1, 1), single, int8);

    private static LayerCost Product(double single, double int8) => new(new LayerClass("MatMul", 0, 1, 1, 64, 64), single, int8);

    private static CostTable Table(params object[] costs) => new(Borders, [.. costs.OfType<LayerCost>()], [.. costs.OfType<ElementCost>()]);

    private static ModelBuilder Input() => ModelBuilder.Create().Input("x", 1, 16, 10, 10).Output("y");

    private static ModelBuilder Convolution() => Input().Convolution("x", "y", 16, 16, name: "conv", relu: false);
}
