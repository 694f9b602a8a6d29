using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Quantization.Weights;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Quantization;

[TestClass]
public sealed class RegionTests
{
    private static readonly BorderCosts Borders = new(Start: 100, Quantize: 1000, Dequantize: 500, LayoutToBytes: 200, LayoutToFloat: 300);

    [TestMethod]
    public void A_group_that_only_together_is_faster_in_float_is_float()
    {
        // 25.6 thousand multiply-adds each: on bytes 100 + 1792 against 100 + 1280 in float. One alone in float takes two conversions of 1600 elements, 1800 and 1220, more than the 512 that it saves; all three take none.
        var planned = new PlannedModel(Three(), new CostTable(Borders, [new(new LayerClass("Conv", 2, 1, 1, 16, 16), 50, 70)], []));

        Assert.AreEqual("", planned.Int8Layers);
        Assert.AreEqual("the cost table has its region of 3 operators at 8.3 µs as int8 against 4.1 µs in float, conversions included", planned.Why("b"));
    }

    [TestMethod]
    public void What_bytes_connect_is_one_region()
    {
        var region = new PlannedModel(Three(), new CostTable(Borders, [new(new LayerClass("Conv", 2, 1, 1, 16, 16), 400, 70)], [])).Regions.Single();

        Assert.AreEqual("a … y", region.Name);
        Assert.AreEqual(LayerFormat.Int8, region.Format);
        Assert.AreEqual("a b y", string.Join(' ', region.Operators.Select(node => node.Name)));
        // Three times 100 + 1792, QuantizeLinear 1700 and DequantizeLinear 900; in float three times 100 + 10240.
        Assert.AreEqual((3 * 1892) + 1700 + 900, region.Int8!.Value, 1e-6);
        Assert.AreEqual(3 * 10340, region.Float!.Value, 1e-6);
        Assert.AreEqual("the cost table has its region of 3 operators at 8.3 µs as int8 against 31.0 µs in float, conversions included", region.Reason);
    }

    [TestMethod]
    public void Parts_that_float_lies_between_are_regions_of_their_own()
    {
        var builder = ModelBuilder.Create().Input("x", 1, 16, 10, 10).Output("y").Convolution("x", "a", 16, 16).Node("Sigmoid", ["a"], ["s"], "sigmoid").Convolution("s", "y", 16, 16);

        var regions = new PlannedModel(builder, new CostTable(Borders, [new(new LayerClass("Conv", 2, 1, 1, 16, 16), 400, 70)], [])).Regions;

        Assert.AreEqual("a; y", string.Join("; ", regions.Select(region => region.Name)));
        Assert.IsTrue(regions.All(region => region.Format == LayerFormat.Int8));
    }

    [TestMethod]
    public void Layers_that_share_one_conversion_are_one_region()
    {
        var builder = ModelBuilder.Create().Input("x", 4, 64).Output("q").Output("k");
        foreach (var name in new[] { "q", "k" })
        {
            builder.Constant(name + "w", RandomTensors.Weight(1, 64, 64)).Node("MatMul", ["x", name + "w"], [name], name);
        }

        Assert.AreEqual("q … k", new PlannedModel(builder, CostTable.None).Regions.Single().Name);
    }

    [TestMethod]
    public void Without_a_table_a_region_has_no_costs()
    {
        var region = new PlannedModel(Three(), CostTable.None).Regions.Single();

        Assert.IsNull(region.Int8);
        Assert.IsNull(region.Float);
        Assert.AreEqual("the cost table has no opinion, and what can compute on bytes does", region.Reason);
    }

    [TestMethod]
    public void Operators_without_weights_that_were_dropped_are_a_region_in_float()
    {
        var builder = ModelBuilder.Create().Input("x", 1, 16, 10, 10).Output("y").Convolution("x", "a", 16, 16).Node("MaxPool", ["a"], ["p"], "pool", ("kernel_shape", new[] { 1, 1 })).Convolution("p", "y", 16, 16);

        var regions = new PlannedModel(builder, new CostTable(Borders, [new(new LayerClass("Conv", 2, 1, 1, 16, 16), 4000, 70)], [new ElementCost("MaxPool", 1, 90000)])).Regions;

        Assert.AreEqual("a Int8; pool Float; y Int8", string.Join("; ", regions.Select(region => $"{region.Name} {region.Format}")));
        StringAssert.StartsWith(regions[1].Reason, "the cost table has int8 at ");
    }

    [TestMethod]
    public void Every_candidate_of_a_random_network_is_in_one_region_that_its_costs_bear_out()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var model = RandomNetwork.Of(seed).Build();
            var graph = new OnnxGraph(model.Graph);
            var possible = PlannedGraph.Of(model, graph, CostTable.None);
            var plan = PlannedGraph.Of(model, graph, RandomCosts.Of(seed));

            CollectionAssert.AreEquivalent(
                possible.Layers.Where(layer => layer.Format == LayerFormat.Int8).Select(layer => layer.Node.DisplayName()).Concat(possible.Connectors.Select(node => node.DisplayName())).ToArray(),
                plan.Regions.SelectMany(region => region.Operators).Select(node => node.DisplayName()).ToArray(),
                $"seed {seed}");
            foreach (var region in plan.Regions.Where(region => region.Int8 is not null && region.Operators.All(node => node.IsLayer(graph))))
            {
                Assert.IsTrue(region.Format == LayerFormat.Int8 ? region.Float >= region.Int8 : region.Float <= (PlanCosts.Noise * region.Int8) + 1, $"seed {seed}: {region.Name} {region.Reason}");
            }
        }
    }

    [TestMethod]
    public void The_cost_of_a_plan_is_that_of_its_layers_and_conversions()
    {
        var model = Three().Build();
        var costs = new CostTable(Borders, [new(new LayerClass("Conv", 2, 1, 1, 16, 16), 400, 70)], []);

        Assert.AreEqual((3 * 1892) + 1700 + 900, PlannedGraph.Of(model, new OnnxGraph(model.Graph), costs).Nanoseconds, 1e-6);
        // b as float: 10340, and a DequantizeLinear and a QuantizeLinear of 1600 elements with a change of layout each.
        var kept = PlannedGraph.Of(model, new OnnxGraph(model.Graph), costs, formats: Choosing("b", new(LayerFormat.Int8Weights)));
        Assert.AreEqual((2 * 1892) + 10340 + 1700 + 900 + (900 + 580) + (1700 + 420), kept.Nanoseconds, 1e-6);
    }

    [TestMethod]
    public void Errors_with_a_price_move_a_layer_to_float_and_the_reason_tells_it()
    {
        var model = Three().Build();

        var plan = PlannedGraph.Of(model, new OnnxGraph(model.Graph), new CostTable(Borders, [new(new LayerClass("Conv", 2, 1, 1, 16, 16), 400, 70)], []), formats: Choosing("y", new(LayerFormat.Int8, LayerFormat.Float, Penalty: 9000)));

        Assert.AreEqual("a … b Int8; y Float", string.Join("; ", plan.Regions.Select(region => $"{region.Name} {region.Format}")));
        Assert.AreEqual(LayerFormat.Float, plan.Layers[2].Format);
        StringAssert.EndsWith(plan.Layers[2].Reason, ", and its errors on bytes are priced at 9.0 µs");
    }

    private static FormatAssignment Choosing(string layer, LayerChoice choice) => FormatAssignment.Int8 with { Choices = new Dictionary<string, LayerChoice> { [layer] = choice } };

    private static ModelBuilder Three() => ModelBuilder.Create().Input("x", 1, 16, 10, 10).Output("y").Convolution("x", "a", 16, 16).Convolution("a", "b", 16, 16).Convolution("b", "y", 16, 16);
}
