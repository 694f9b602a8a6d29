using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;
using ModelBuildTasks.Compression.Tests.Quantization;

namespace ModelBuildTasks.Compression.Tests.Pruning.Structured;

/// <summary>What is not understood stays whole, and the reason is told.</summary>
[TestClass]
public sealed class KeptChannelTests
{
    private static ModelBuilder Image => ModelBuilder.Create(17).Input("x", 1, 3, 8, 8).Conv("a", "x", 3, 8);

    [TestMethod]
    public void Channels_of_an_output_stay()
    {
        using var model = new AnalysedModel(Image.Conv("y", "a", 8, 4).Output("y", 1, 4, 8, 8), 1, 3, 8, 8);

        Assert.HasCount(1, model.Groups);
        Assert.Contains("output 'y'", model.Channels.WhyNot("y")!);
        Assert.IsNull(model.Channels.WhyNot("a"));
    }

    [TestMethod]
    public void Channels_that_an_unknown_operator_reads_stay()
    {
        using var model = new AnalysedModel(Image.Node("LRN", ["a"], ["n"], "norm", ("size", 3)).Conv("y", "n", 8, 4).Output("y", 1, 4, 8, 8), 1, 3, 8, 8);

        Assert.IsEmpty(model.Groups);
        Assert.Contains("LRN 'norm'", model.Channels.WhyNot("a")!);
    }

    [TestMethod]
    public void Features_that_are_normalised_together_stay()
    {
        var builder = ModelBuilder.Create(17).Input("x", 1, 5, 16).Linear("h", "x", 16, 8).Constant("s", RandomTensors.Row(1, 8)).Node("LayerNormalization", ["h", "s"], ["n"], "norm", ("axis", -1)).Linear("o", "n", 8, 4)
            .Node("Identity", ["o"], ["y"]).Output("y", 1, 5, 4);
        using var model = new AnalysedModel(builder, 1, 5, 16);

        Assert.IsEmpty(model.Groups);
        Assert.Contains("normalises over them", model.Channels.WhyNot("h")!);
    }

    [TestMethod]
    public void Channels_added_to_the_input_stay()
    {
        using var model = new AnalysedModel(ModelBuilder.Create(17).Input("x", 1, 8, 8, 8).Conv("a", "x", 8, 8).Node("Add", ["x", "a"], ["s"], "sum").Conv("y", "s", 8, 4).Output("y", 1, 4, 8, 8), 1, 8, 8, 8);

        Assert.IsEmpty(model.Groups);
        Assert.Contains("Add 'sum'", model.Channels.WhyNot("a")!);
    }

    [TestMethod]
    public void Channels_that_a_subgraph_reads_stay()
    {
        var branch = ModelBuilder.Subgraph(inner => inner.Node("Identity", ["a"], ["inner"]).Output("inner"));
        var other = ModelBuilder.Subgraph(inner => inner.Node("Neg", ["a"], ["other"]).Output("other"));
        var builder = Image.Constant("yes", TensorValues.Create("yes", TensorProto.Types.DataType.Bool, Google.Protobuf.ByteString.CopyFrom(1))).Node("If", ["yes"], ["c"], "choice", ("then_branch", branch), ("else_branch", other))
            .Conv("y", "c", 8, 4).Output("y", 1, 4, 8, 8);
        using var model = new AnalysedModel(builder, 1, 3, 8, 8);

        Assert.IsEmpty(model.Groups);
        Assert.Contains("subgraph", model.Channels.WhyNot("a")!);
    }

    [TestMethod]
    public void Channels_whose_number_the_graph_asks_for_stay()
    {
        var builder = Image.Node("Shape", ["a"], ["shape"], "asks").Constant("one", [1L], []).Node("Gather", ["shape", "one"], ["count"]).Node("Cast", ["count"], ["number"], ("to", 1)).Node("Div", ["a", "number"], ["d"]).Conv("y", "d", 8, 4)
            .Output("y", 1, 4, 8, 8);
        using var model = new AnalysedModel(builder, 1, 3, 8, 8);

        Assert.IsEmpty(model.Groups);
        Assert.Contains("Shape 'asks'", model.Channels.WhyNot("a")!);
    }

    [TestMethod]
    public void A_head_goes_whole()
    {
        var builder = ModelBuilder.Create(17).Input("x", 1, 5, 16).Linear("v", "x", 16, 12).Constant("heads", [1L, 5L, 3L, 4L], 4).Constant("joined", [1L, 5L, 12L], 3).Node("Reshape", ["v", "heads"], ["h"])
            .Node("Softmax", ["h"], ["s"], ("axis", -1)).Node("Reshape", ["s", "joined"], ["f"]).Linear("o", "f", 12, 4).Node("Identity", ["o"], ["y"]).Output("y", 1, 5, 4);
        using var model = new AnalysedModel(builder, 1, 5, 16);

        Assert.HasCount(3, model.GroupOf("v").Channels);
        Assert.AreEqual(1, model.GroupOf("v").Unit);
    }
}
