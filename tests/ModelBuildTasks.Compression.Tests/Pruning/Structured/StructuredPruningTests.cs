using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Pruning;
using ModelBuildTasks.Compression.Pruning.Structured;
using ModelBuildTasks.Compression.Tests.Modeling;
using ModelBuildTasks.Compression.Tests.Quantization;

namespace ModelBuildTasks.Compression.Tests.Pruning.Structured;

[TestClass]
public sealed class StructuredPruningTests
{
    private static readonly long[] Shape = [1, 3, 8, 8];

    private static PruningOptions Half => new(0.5, PruneMethod.Structured);

    private static ModelBuilder Chain => ModelBuilder.Create(17).Input("x", 1, 3, 8, 8).Conv("a", "x", 3, 16).Relu("ar", "a").Conv("b", "ar", 16, 16).Relu("br", "b").Conv("y", "br", 16, 4).Output("y", 1, 4, 8, 8);

    /// <summary>A chain in which every filter of the first layer is there twice: one of each pair can go, and what reads the other makes up for it.</summary>
    private static ModelBuilder Doubled()
    {
        var (weight, bias) = (RandomTensors.Weight(3, 16, 3, 3, 3).Singles().ToArray(), RandomTensors.Row(4, 16).Singles().ToArray());
        for (var channel = 1; channel < 16; channel += 2)
        {
            weight.AsSpan((channel - 1) * 27, 27).CopyTo(weight.AsSpan(channel * 27));
            bias[channel] = bias[channel - 1];
        }

        return ModelBuilder.Create(17).Input("x", 1, 3, 8, 8).Constant("a.w", weight, 16, 3, 3, 3).Constant("a.b", bias, 16).Node("Conv", ["x", "a.w", "a.b"], ["a"], "a", ("pads", new[] { 1, 1, 1, 1 })).Relu("r", "a").Conv("y", "r", 16, 4)
            .Output("y", 1, 4, 8, 8);
    }

    /// <summary>A chain in which every second filter of the first layer gives zeros.</summary>
    private static ModelBuilder Dead()
    {
        var (weight, bias) = (RandomTensors.Weight(3, 16, 3, 3, 3).Singles().ToArray(), RandomTensors.Row(4, 16).Singles().ToArray());
        for (var channel = 1; channel < 16; channel += 2)
        {
            weight.AsSpan(channel * 27, 27).Clear();
            bias[channel] = 0;
        }

        return ModelBuilder.Create(17).Input("x", 1, 3, 8, 8).Constant("a.w", weight, 16, 3, 3, 3).Constant("a.b", bias, 16).Node("Conv", ["x", "a.w", "a.b"], ["a"], "a", ("pads", new[] { 1, 1, 1, 1 })).Relu("r", "a").Conv("y", "r", 16, 4)
            .Output("y", 1, 4, 8, 8);
    }

    [TestMethod]
    public void Of_channels_that_are_there_twice_one_goes_and_nothing_is_lost()
    {
        using var pruned = new PrunedSamples(Doubled(), Half, Shape);

        Assert.HasCount(8, pruned.Model.EditGraph().Constant(Weight(pruned, "a"))!.Singles().ToArray().Chunk(27).ToArray());
        Assert.IsLessThan(1e-3, pruned.Noise);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Channels_that_give_nothing_go_first(bool bySamples)
    {
        using var pruned = new PrunedSamples(Dead(), Half, Shape, bySamples);

        Assert.AreEqual(8, pruned.Model.EditGraph().Constant(Weight(pruned, "a"))!.Dims[0]);
        Assert.IsLessThan(1e-7, pruned.Noise);
    }

    [TestMethod]
    [DataRow(0.3)]
    [DataRow(0.5)]
    [DataRow(0.7)]
    public void The_asked_share_of_the_multiply_adds_goes(double share)
    {
        using var folder = new TemporaryFolder();
        using var whole = Chain.Load(folder);
        using var pruned = new PrunedSamples(Chain, new(share, PruneMethod.Structured), Shape);

        Assert.IsLessThanOrEqualTo((1 - share) * Products(whole), Products(pruned.Model));
        Assert.IsGreaterThan((0.7 - share) * Products(whole), Products(pruned.Model));
    }

    [TestMethod]
    public void Layers_that_are_fitted_lose_less_than_weights_that_are_left_as_they_were()
    {
        using var pruned = new PrunedSamples(Chain, Half, Shape);
        using var blind = new PrunedSamples(Chain, Half, Shape, bySamples: false);

        Assert.IsLessThan(0.7 * blind.Noise, pruned.Noise);
    }

    [TestMethod]
    public void What_became_of_each_layer_is_told()
    {
        using var pruned = new PrunedSamples(Chain, Half, Shape);
        var layers = pruned.Report.Layers.ToDictionary(layer => layer.Name);

        Assert.AreEqual("structured", pruned.Report.Method);
        Assert.AreEqual("0.5", pruned.Report.Asked);
        Assert.IsLessThan(pruned.Report.WeightsBefore, pruned.Report.WeightsAfter);
        Assert.AreEqual(16 * 16 * 9, layers["b"].WeightsBefore);
        Assert.IsLessThan(layers["b"].WeightsBefore, layers["b"].WeightsAfter);
        Assert.IsGreaterThan(0.0, layers["b"].OutputSqnrDb!.Value);
        Assert.IsTrue(pruned.Told.Zip(pruned.Told.Skip(1)).All(pair => pair.First.Fraction <= pair.Second.Fraction));
        Assert.AreEqual(1, pruned.Told[^1].Fraction);
    }

    [TestMethod]
    public void A_model_of_which_nothing_can_go_stays_as_it_is()
    {
        using var pruned = new PrunedSamples(ModelBuilder.Create(17).Input("x", 1, 3, 8, 8).Conv("y", "x", 3, 4).Output("y", 1, 4, 8, 8), Half, Shape);

        Assert.AreEqual(pruned.Report.WeightsBefore, pruned.Report.WeightsAfter);
        Assert.Contains("output 'y'", pruned.Report.Layers.Single().Reason!);
        Assert.AreEqual(0, pruned.Noise);
    }

    [TestMethod]
    public void The_same_samples_give_the_same_bytes()
    {
        using var first = new PrunedSamples(Chain, Half, Shape);
        using var second = new PrunedSamples(Chain, Half, Shape);

        CollectionAssert.AreEqual(first.Bytes, second.Bytes);
    }

    [TestMethod]
    public void It_can_be_cancelled() =>
        Assert.Throws<OperationCanceledException>(() => new PrunedSamples(Chain, Half, Shape, cancellationToken: new CancellationToken(true)).Dispose());

    private static string Weight(PrunedSamples pruned, string layer) => pruned.Model.EditGraph().Nodes.Single(node => node.Name == layer).Input[1];

    private static double Products(OnnxModel model)
    {
        var channels = ChannelAnalysis.Of(model, null, 0, CancellationToken.None);
        return channels.Layers.Sum(layer => layer.Products * layer.OutputCount * layer.InputCount);
    }
}
