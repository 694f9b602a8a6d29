using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Simplification;
using ModelBuildTasks.Compression.Tests.Modeling;
using ModelBuildTasks.Compression.Tests.Quantization;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Simplification;

[TestClass]
public sealed class SharedWeightsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    public void Equal_weights_of_the_main_graph_are_kept_once()
    {
        using var model = ModelBuilder.Create().Input("x", 4, 24).Constant("a", RandomTensors.Weight(1, 24, 24)).Constant("b", RandomTensors.Weight(1, 24, 24)).Constant("c", RandomTensors.Weight(2, 24, 24))
            .Node("MatMul", ["x", "a"], ["p"]).Node("MatMul", ["p", "b"], ["q"]).Node("MatMul", ["q", "c"], ["y"]).Output("y").Load(folder);

        SharedWeights.MergeEqual(model);

        Assert.AreEqual("a c", Names(model.Proto.Graph));
        Assert.AreEqual("x,a p,a q,c", string.Join(' ', model.Proto.Graph.Node.Select(node => string.Join(',', node.Input))));
    }

    [TestMethod]
    public void Equal_weights_of_two_branches_move_to_the_main_graph()
    {
        var then = ModelBuilder.Subgraph(graph => graph.Constant("a", RandomTensors.Weight(1, 24, 24)).Constant("own", RandomTensors.Weight(2, 24, 24)).Node("MatMul", ["x", "a"], ["p"]).Node("MatMul", ["p", "own"], ["t"]).Output("t"));
        var otherwise = ModelBuilder.Subgraph(graph => graph.Constant("b", RandomTensors.Weight(1, 24, 24)).Node("MatMul", ["x", "b"], ["e"]).Output("e"));
        using var model = ModelBuilder.Create().Input("c", DataType.Bool).Input("x", 4, 24).Node("If", ["c"], ["y"], ("then_branch", then), ("else_branch", otherwise)).Output("y").Load(folder);

        SharedWeights.MergeEqual(model);

        var shared = Names(model.Proto.Graph);
        var branches = Subgraphs.Of(model.Proto.Graph.Node[0]).ToArray();
        Assert.IsFalse(shared.Contains(' '), shared);
        CollectionAssert.AreEquivalent(new[] { "own", "" }, branches.Select(Names).ToArray());
        Assert.IsTrue(branches.All(branch => branch.Node[0].Input[1] == shared));
        Assert.AreEqual("x," + shared, string.Join(',', model.EditGraph().Consumers(shared) is [var use] ? ["x", use.Node.OpType == "If" ? shared : ""] : Array.Empty<string>()));
    }

    [TestMethod]
    public void A_weight_of_the_main_graph_is_not_read_where_a_branch_means_another_by_its_name()
    {
        var then = ModelBuilder.Subgraph(graph => graph.Constant("a", RandomTensors.Weight(2, 24, 24)).Constant("b", RandomTensors.Weight(1, 24, 24)).Node("MatMul", ["x", "a"], ["p"]).Node("MatMul", ["p", "b"], ["t"]).Output("t"));
        var otherwise = ModelBuilder.Subgraph(graph => graph.Node("MatMul", ["x", "a"], ["e"]).Output("e"));
        using var model = ModelBuilder.Create().Input("c", DataType.Bool).Input("x", 4, 24).Constant("a", RandomTensors.Weight(1, 24, 24))
            .Node("If", ["c"], ["y"], ("then_branch", then), ("else_branch", otherwise)).Output("y").Load(folder);

        SharedWeights.MergeEqual(model);

        Assert.AreEqual("x,a p,b", string.Join(' ', Subgraphs.Of(model.Proto.Graph.Node[0]).First().Node.Select(node => string.Join(',', node.Input))));
    }

    [TestMethod]
    public void Small_constants_and_outputs_are_left_alone()
    {
        using var model = ModelBuilder.Create().Input("x", 4, 24).Constant("a", [1f]).Constant("b", [1f]).Constant("c", RandomTensors.Weight(1, 24, 24)).Constant("d", RandomTensors.Weight(1, 24, 24))
            .Node("Add", ["x", "a"], ["p"]).Node("Mul", ["p", "b"], ["y"]).Output("y").Output("c").Output("d").Load(folder);

        SharedWeights.MergeEqual(model);

        Assert.AreEqual("a b c d", Names(model.Proto.Graph));
    }

    [TestMethod]
    public void A_matrix_that_folding_would_turn_into_a_second_one_is_kept_once()
    {
        using var model = RuntimeSimplification.Load(Tied(gathers: true).Save(folder), folder.Path);

        Assert.AreEqual(1, model.Proto.Graph.Initializer.Count(tensor => tensor.ElementCount() == 40 * 16));
        Assert.AreEqual("w", model.Proto.Graph.Node.Single(node => node.OpType == "Transpose").Input[0]);
    }

    [TestMethod]
    public void A_matrix_that_is_read_transposed_only_is_folded()
    {
        using var model = RuntimeSimplification.Load(Tied(gathers: false).Save(folder), folder.Path);

        Assert.IsFalse(model.Proto.Graph.Node.Any(node => node.OpType == "Transpose"));
    }

    private static ModelBuilder Tied(bool gathers)
    {
        var builder = ModelBuilder.Create().Input("x", 1, 3, 16).Input("ids", DataType.Int64, 3).Constant("w", RandomTensors.Weight(1, 40, 16));
        _ = gathers ? builder.Node("Gather", ["w", "ids"], ["e"]).Node("Add", ["x", "e"], ["z"]) : builder.Node("Neg", ["x"], ["z"]);
        return builder.Node("Transpose", ["w"], ["wt"], ("perm", new[] { 1, 0 })).Node("MatMul", ["z", "wt"], ["y"]).Output("y");
    }

    private static string Names(GraphProto graph) => string.Join(' ', graph.Initializer.Select(tensor => tensor.Name));
}
