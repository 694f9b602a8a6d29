using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Onnx;

/// <summary>Whatever the edits were, the graph knows what one that is built from the result knows, and its nodes are in order.</summary>
[TestClass]
public sealed class RandomGraphEditsTests
{
    private const int Nodes = 40;

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    [DataRow(5)]
    public void After_random_edits_the_index_is_that_of_the_result_and_the_order_holds(int seed)
    {
        var random = new Random(seed);
        var graph = RandomGraph(random);
        for (var edit = 0; edit < 60; edit++)
        {
            Edit(graph, random);
            graph.Commit();

            var fresh = new OnnxGraph(graph.Proto);
            foreach (var value in Subgraphs.Names(graph.Proto).Distinct())
            {
                Assert.AreSame(fresh.Producer(value), graph.Producer(value), value);
                CollectionAssert.AreEquivalent(Uses(fresh, value), Uses(graph, value), value);
            }

            AssertOrdered(graph.Proto);
        }
    }

    [TestMethod]
    [DataRow(6)]
    [DataRow(7)]
    public void A_shuffled_graph_is_sorted_and_a_sorted_one_stays(int seed)
    {
        var random = new Random(seed);
        var proto = RandomGraph(random).Proto;
        var shuffled = proto.Node.ToArray();
        random.Shuffle(shuffled);
        proto.Node.Clear();
        proto.Node.AddRange(shuffled);

        new OnnxGraph(proto).Commit();
        AssertOrdered(proto);
        CollectionAssert.AreEquivalent(shuffled, proto.Node.ToArray());

        var once = proto.Clone();
        new OnnxGraph(proto).Commit();
        Assert.AreEqual(once, proto);
    }

    private static OnnxGraph RandomGraph(Random random)
    {
        var builder = ModelBuilder.Create().Input("x", 1);
        var values = new List<string> { "x" };
        string Any() => values[random.Next(values.Count)];
        for (var i = 0; i < Nodes; i++)
        {
            if (random.Next(5) == 0)
            {
                var outer = Any();
                builder.Node("If", [Any()], [$"v{i}"], ("then_branch", ModelBuilder.Subgraph(then => then.Node("Neg", [outer], [$"t{i}"]).Output($"t{i}"))));
            }
            else
            {
                builder.Node("Add", [Any(), Any()], [$"v{i}"]);
            }

            values.Add($"v{i}");
        }

        return new OnnxGraph(builder.Output($"v{Nodes - 1}").Build().Graph);
    }

    private static void Edit(OnnxGraph graph, Random random)
    {
        var nodes = graph.Nodes;
        var position = random.Next(nodes.Count);
        var node = nodes[position];
        switch (random.Next(5))
        {
            case 0:
                // A value of an earlier node makes no cycle.
                graph.SetInput(node, random.Next(node.Input.Count), position == 0 ? "x" : nodes[random.Next(position)].Output[0]);
                break;
            case 1:
                var inserted = graph.UniqueName("inserted");
                graph.Add(ModelBuilder.NewNode("Relu", [node.Input[0]], [inserted]));
                graph.SetInput(node, 0, inserted);
                break;
            case 2 when !graph.IsGraphOutput(node.Output[0]):
                graph.ReplaceUses(node.Output[0], node.Input[0]);
                graph.Remove(node);
                break;
            case 3 when !graph.IsGraphOutput(node.Output[0]):
                graph.Rename(node.Output[0], "renamed");
                break;
            case 4 when nodes.Count > Nodes:
                graph.RemoveUnused();
                break;
        }
    }

    private static string[] Uses(OnnxGraph graph, string value) => [.. graph.Consumers(value).Select(use => $"{use.Node.Output[0]} {use.Index}")];

    private static void AssertOrdered(GraphProto graph)
    {
        var known = graph.Node.SelectMany(node => node.Output).ToHashSet();
        foreach (var node in graph.Node)
        {
            Assert.IsTrue(node.Input.Concat(Subgraphs.OuterNames(node)).All(value => !known.Contains(value)), "a node reads what comes later");
            known.ExceptWith(node.Output);
        }
    }
}
