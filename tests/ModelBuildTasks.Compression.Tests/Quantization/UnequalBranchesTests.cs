using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Quantization;

/// <summary>Heads that put coordinates and scores side by side.</summary>
[TestClass]
public sealed class UnequalBranchesTests
{
    [TestMethod]
    public void Coordinates_beside_scores_share_no_scale()
    {
        var planned = new PlannedModel(Head(), CostTable.None, Ranges(640, 1));

        Assert.AreEqual("trunk boxes scores", planned.Int8Layers);
        Assert.AreEqual("", planned.Connectors);
        Assert.AreEqual("one scale for all its inputs would leave 'scores' 0 of 255 levels, 56 dB less than one of its own", planned.Why("both"));
        Assert.AreEqual("one scale for its input 'turned' would leave 'scores', which is a part of it, 0 of 255 levels", planned.Why("mix"));
    }

    [TestMethod]
    public void Branches_of_like_ranges_share_a_scale()
    {
        var planned = new PlannedModel(Head(), CostTable.None, Ranges(2, 1));

        Assert.AreEqual("trunk boxes scores mix", planned.Int8Layers);
        Assert.AreEqual("both flat turned", planned.Connectors);
    }

    [TestMethod]
    public void Layers_that_sum_the_branches_up_bear_more_than_a_result_does()
    {
        // 20 log 10 = 20 dB: between what a result bears and what a summand does.
        Assert.AreEqual("both flat turned", new PlannedModel(Head(), CostTable.None, Ranges(10, 1)).Connectors);
        Assert.AreEqual("", new PlannedModel(Head().Output("turned"), CostTable.None, Ranges(10, 1)).Connectors);
        Assert.AreEqual("both flat turned", new PlannedModel(Head().Output("turned"), CostTable.None, Ranges(3, 1)).Connectors);
        Assert.AreEqual("trunk boxes scores mix", new PlannedModel(Head().Output("turned"), CostTable.None, Ranges(10, 1)).Int8Layers);
    }

    [TestMethod]
    public void Branches_that_are_put_together_twice_are_found_behind_both()
    {
        var builder = Head().Node("Concat", ["turned", "trunk3"], ["again"], "again", ("axis", 2)).Node("Reshape", ["trunk", "shape"], ["trunk3"], "trunk3")
            .Constant("v", RandomTensors.Weight(4, 16, 4)).Node("MatMul", ["again", "v"], ["z"], "last").Output("z");

        var planned = new PlannedModel(builder, CostTable.None, Ranges(640, 1));

        Assert.AreEqual("one scale for its input 'again' would leave 'scores', which is a part of it, 0 of 255 levels", planned.Why("last"));
    }

    [TestMethod]
    public void A_sum_of_such_ranges_is_none_of_its_business()
    {
        var builder = ModelBuilder.Create().Input("x", 1, 16, 4, 4).Output("y").Convolution("x", "trunk", 16, 16).Convolution("trunk", "boxes", 16, 16, relu: false).Convolution("trunk", "scores", 16, 16, relu: false)
            .Node("Add", ["boxes", "scores"], ["sum"], "sum").Convolution("sum", "y", 16, 16);

        Assert.AreEqual("sum", new PlannedModel(builder, CostTable.None, Ranges(640, 1)).Connectors);
    }

    [TestMethod]
    public void In_the_runtime_the_scores_of_a_head_keep_their_accuracy()
    {
        // Boxes 600 times as large as scores; each column of the last product takes one of both back to the same size.
        var random = new Random(5);
        var builder = ModelBuilder.Create().Input("x", 1, 16, 8, 8)
            .Constant("tw", RandomTensors.Singles(random, 256), 16, 16, 1, 1).Constant("bw", [.. RandomTensors.Singles(random, 256).Select(value => value * 600)], 16, 16, 1, 1).Constant("sw", RandomTensors.Singles(random, 256), 16, 16, 1, 1)
            .Constant("mix", [.. RandomTensors.Singles(random, 32 * 16).Select((value, i) => (i < 256) != (i % 16 < 8) ? 0 : i < 256 ? value / 600 : value)], 32, 16)
            .Constant("shape", [1L, 32, 64], 3)
            .Node("Conv", ["x", "tw"], ["trunk"], "trunk").Node("Conv", ["trunk", "bw"], ["boxes"], "boxes").Node("Conv", ["trunk", "sw"], ["scores"], "scores")
            .Node("Concat", ["boxes", "scores"], ["both"], "both", ("axis", 1)).Node("Reshape", ["both", "shape"], ["flat"], "flat").Node("Transpose", ["flat"], ["turned"], "turned", ("perm", new[] { 0, 2, 1 }))
            .Node("MatMul", ["turned", "mix"], ["y"], "product").Output("y", 1, 64, 16);

        using var quantized = QuantizedModel.Static(builder);

        Assert.AreEqual("int8-weights", quantized.Layer("product").Format);
        quantized.AssertSqnr(30);
        quantized.AssertRuns("QLinearConv", "QLinearConv", "QLinearConv", "Concat");
    }

    /// <summary>A trunk, two branches, and a product that reads both through a Reshape and a Transpose.</summary>
    private static ModelBuilder Head() => ModelBuilder.Create().Input("x", 1, 16, 4, 4).Output("y")
        .Convolution("x", "trunk", 16, 16).Convolution("trunk", "boxes", 16, 4, relu: false).Convolution("trunk", "scores", 16, 12, relu: false)
        .Constant("shape", [1L, 16, 16], 3).Constant("w", RandomTensors.Weight(3, 16, 4))
        .Node("Concat", ["boxes", "scores"], ["both"], "both", ("axis", 1)).Node("Reshape", ["both", "shape"], ["flat"], "flat").Node("Transpose", ["flat"], ["turned"], "turned", ("perm", new[] { 0, 2, 1 }))
        .Node("MatMul", ["turned", "w"], ["y"], "mix");

    private static Dictionary<string, ValueRange> Ranges(float boxes, float scores)
    {
        var larger = new ValueRange(0, Math.Max(boxes, scores));
        return new() { ["boxes"] = new(0, boxes), ["scores"] = new(0, scores), ["both"] = larger, ["flat"] = larger, ["turned"] = larger };
    }
}
