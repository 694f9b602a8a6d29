using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Pruning;
using ModelBuildTasks.Compression.Pruning.Blocks;
using ModelBuildTasks.Compression.Tests.Modeling;
using ModelBuildTasks.Compression.Tests.Quantization;

namespace ModelBuildTasks.Compression.Tests.Pruning.Structured;

[TestClass]
public sealed class LayerRemovalTests
{
    private static readonly long[] Shape = [1, 3, 8, 8];

    private static PruningOptions Share(double share) => new(share, PruneMethod.Layers);

    /// <summary>Residual blocks of which the weights of each one's last convolution have a size of their own.</summary>
    private static ModelBuilder Blocks(params double[] sizes)
    {
        var builder = ModelBuilder.Create(17).Input("x", 1, 3, 8, 8).Conv("stem", "x", 3, 8);
        var value = "stem";
        for (var block = 0; block < sizes.Length; block++)
        {
            var (size, name) = ((float)sizes[block], $"c{block}");
            builder.Conv($"b{block}", value, 8, 8).Relu($"r{block}", $"b{block}").Constant($"{name}.w", TensorValues.Create("", Array.ConvertAll(RandomTensors.Weight(block, 8, 8, 3, 3).Singles().ToArray(), weight => weight * size), 8, 8, 3, 3))
                .Node("Conv", [$"r{block}", $"{name}.w"], [name], name, ("pads", new[] { 1, 1, 1, 1 })).Node("Add", [value, name], [$"s{block}"], $"s{block}").Relu($"t{block}", $"s{block}");
            value = $"t{block}";
        }

        return builder.Conv("y", value, 8, 4).Output("y", 1, 4, 8, 8);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void The_blocks_that_add_least_go(bool bySamples)
    {
        using var pruned = new PrunedSamples(Blocks(1, 0, 1, 1e-4), Share(0.5), Shape, bySamples);

        CollectionAssert.AreEqual(new[] { "s0", "s2" }, pruned.Model.Proto.Graph.Node.Where(node => node.OpType == "Add").Select(node => node.Name).ToArray());
        Assert.IsLessThan(1e-5, pruned.Noise);
    }

    [TestMethod]
    [DataRow(0.2, 3)]
    [DataRow(0.5, 2)]
    [DataRow(0.7, 1)]
    public void The_asked_share_of_the_blocks_goes(double share, int left)
    {
        using var pruned = new PrunedSamples(Blocks(1, 0.5, 0.7, 0.3), Share(share), Shape);

        Assert.AreEqual(left, pruned.Model.Proto.Graph.Node.Count(node => node.OpType == "Add"));
    }

    [TestMethod]
    public void Layers_of_a_block_that_went_have_no_weights_left()
    {
        using var pruned = new PrunedSamples(Blocks(1, 0), Share(0.5), Shape);
        var layers = pruned.Report.Layers.ToDictionary(layer => layer.Name);

        Assert.AreEqual("layers", pruned.Report.Method);
        Assert.AreEqual(0, layers["b1"].WeightsAfter);
        Assert.AreEqual(8 * 8 * 9, layers["b0"].WeightsAfter);
        Assert.DoesNotContain("c1.w", pruned.Model.Proto.Graph.Initializer.Select(tensor => tensor.Name));
    }

    [TestMethod]
    public void A_model_without_blocks_stays_as_it_is()
    {
        using var pruned = new PrunedSamples(ModelBuilder.Create(17).Input("x", 1, 3, 8, 8).Conv("a", "x", 3, 8).Conv("y", "a", 8, 4).Output("y", 1, 4, 8, 8), Share(0.5), Shape);

        Assert.AreEqual(pruned.Report.WeightsBefore, pruned.Report.WeightsAfter);
        Assert.Contains("no residual block", pruned.Report.Layers[0].Reason!);
    }

    [TestMethod]
    public void A_sum_of_two_branches_is_no_block()
    {
        using var folder = new TemporaryFolder();
        using var model = ModelBuilder.Create(17).Input("x", 1, 3, 8, 8).Conv("a", "x", 3, 8).Conv("b", "x", 3, 8, 1).Node("Add", ["a", "b"], ["s"]).Conv("y", "s", 8, 4).Output("y", 1, 4, 8, 8).Load(folder);

        Assert.IsEmpty(ResidualBlock.Of(model.EditGraph(), _ => [1, 8, 8, 8]));
    }

    [TestMethod]
    public void What_follows_is_fitted_to_what_it_gave()
    {
        using var pruned = new PrunedSamples(Blocks(1, 0.6, 0.7), Share(0.3), Shape);
        using var blind = new PrunedSamples(Blocks(1, 0.6, 0.7), Share(0.3), Shape, bySamples: false);

        Assert.IsLessThan(0.8 * blind.Noise, pruned.Noise);
    }
}
