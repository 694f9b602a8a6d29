using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Simplification;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Simplification;

[TestClass]
public sealed class NodeNamesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    public void A_unique_name_is_kept_and_a_missing_one_becomes_that_of_the_first_output() => Assert.AreEqual("first b", Names(ModelBuilder.Create().Input("x", 2)
        .Node("Relu", ["x"], ["a"], "first").Node("Neg", ["a"], ["b"], "").Output("b", 2)));

    [TestMethod]
    public void Of_two_nodes_with_one_name_the_first_keeps_it() => Assert.AreEqual("same b", Names(ModelBuilder.Create().Input("x", 2)
        .Node("Relu", ["x"], ["a"], "same").Node("Neg", ["a"], ["b"], "same").Output("b", 2)));

    [TestMethod]
    public void An_output_whose_name_another_node_has_gets_a_number() => Assert.AreEqual("a_1 a", Names(ModelBuilder.Create().Input("x", 2)
        .Node("Relu", ["x"], ["a"], "").Node("Neg", ["a"], ["b"], "a").Output("b", 2)));

    [TestMethod]
    public void A_node_without_its_first_output_is_called_like_the_next() => Assert.AreEqual("indices", Names(ModelBuilder.Create().Input("x", 4).Constant("k", [1L], 1)
        .Node("TopK", ["x", "k"], ["", "indices"], "").Output("indices", DataType.Int64, 1)));

    [TestMethod]
    public void Nodes_of_two_branches_have_different_names()
    {
        var then = ModelBuilder.Subgraph(graph => graph.Node("Relu", ["x"], ["r"], "").Output("r"));
        var otherwise = ModelBuilder.Subgraph(graph => graph.Node("Neg", ["x"], ["r"], "").Output("r"));
        using var model = ModelBuilder.Create().Input("c", DataType.Bool).Input("x", 2).Node("If", ["c"], ["y"], "if", ("then_branch", then), ("else_branch", otherwise)).Output("y", 2).Load(folder);

        NodeNames.MakeUnique(model);

        Assert.AreEqual("r r_1", string.Join(' ', Subgraphs.Of(model.Proto.Graph.Node[0]).Select(branch => branch.Node[0].Name)));
    }

    [TestMethod]
    public void Two_loads_of_a_model_give_its_nodes_the_same_names()
    {
        string Load(string work)
        {
            using var model = RuntimeSimplification.Load(DigitReaderSample.Model, Directory.CreateDirectory(folder.File(work)).FullName);
            var names = model.Proto.Graph.Node.Select(node => node.Name).ToArray();
            Assert.IsFalse(names.Contains(""));
            CollectionAssert.AllItemsAreUnique(names);
            return string.Join(' ', names);
        }

        Assert.AreEqual(Load("first"), Load("second"));
    }

    private string Names(ModelBuilder builder)
    {
        using var model = builder.Load(folder);
        NodeNames.MakeUnique(model);
        return string.Join(' ', model.Proto.Graph.Node.Select(node => node.Name));
    }
}
