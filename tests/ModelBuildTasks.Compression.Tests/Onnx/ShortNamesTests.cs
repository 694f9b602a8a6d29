using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Onnx;

[TestClass]
public sealed class ShortNamesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    public void Inputs_and_outputs_keep_their_names_and_everything_else_is_short()
    {
        using var model = ModelBuilder.Create().Input("0", 2).Constant("a long name", [1f]).Inner("sum of both", 2)
            .Node("Add", ["0", "a long name"], ["sum of both"], "a node").Node("Relu", ["sum of both"], ["a result"]).Output("a result", 2).Load(folder);

        var graph = ShortNames.Of(model.Proto).Graph;

        // 0 is taken by the input.
        Assert.AreEqual("0,1>2 2>a result", string.Join(' ', graph.Node.Select(node => $"{string.Join(',', node.Input)}>{node.Output[0]}")));
        Assert.AreEqual("1", graph.Initializer[0].Name);
        Assert.AreEqual("", graph.Node[0].Name);
        Assert.IsEmpty(graph.ValueInfo);
        Assert.AreEqual("a node", model.Proto.Graph.Node[0].Name);
    }

    [TestMethod]
    public void Names_inside_subgraphs_follow()
    {
        var then = ModelBuilder.Subgraph(graph => graph.Node("Add", ["outer value", "outer value"], ["then value"]).Output("then value"));
        var otherwise = ModelBuilder.Subgraph(graph => graph.Node("Neg", ["x"], ["else value"]).Output("else value"));
        using var model = ModelBuilder.Create().Input("c", DataType.Bool).Input("x", 2).Node("Relu", ["x"], ["outer value"])
            .Node("If", ["c"], ["y"], ("then_branch", then), ("else_branch", otherwise)).Output("y", 2).Load(folder);

        model.SaveWithShortNames(folder.File("short.onnx"));

        using var session = ModelSession.Open(folder.File("short.onnx"), new SessionSettings());
        Assert.AreEqual("c x", string.Join(' ', session.Inputs.Select(input => input.Name)));
        using var written = OnnxModel.Load(folder.File("short.onnx"));
        Assert.AreEqual("0,0 x", string.Join(' ', Subgraphs.Of(written.Proto.Graph.Node[1]).Select(branch => string.Join(',', branch.Node[0].Input))));
    }

    [TestMethod]
    public void The_names_of_many_values_are_all_different()
    {
        var builder = ModelBuilder.Create().Input("v0", 2);
        for (var node = 0; node < 3000; node++)
        {
            builder.Node("Relu", [$"v{node}"], [$"v{node + 1}"]);
        }

        using var model = builder.Output("v3000", 2).Load(folder);
        var names = ShortNames.Of(model.Proto).Graph.Node.Select(node => node.Output[0]).ToArray();

        CollectionAssert.AllItemsAreUnique(names);
        Assert.IsTrue(names.SkipLast(1).All(name => name.Length <= 3));
    }
}
