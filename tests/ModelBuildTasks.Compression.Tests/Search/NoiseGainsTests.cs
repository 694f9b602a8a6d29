using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Search;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Search;

[TestClass]
public sealed class NoiseGainsTests
{
    [TestMethod]
    public void An_error_passes_operators_of_one_input_with_its_ratio_to_the_signal()
    {
        var graph = Graph(ModelBuilder.Create().Input("x", 4).Node("Relu", ["x"], ["r"]).Node("Tanh", ["r"], ["y"]).Output("y", 4));
        Assert.AreEqual(1, NoiseGains.Of(graph, Energies(("y", 2)))["r"]);
    }

    [TestMethod]
    public void A_sum_dilutes_the_error_of_a_small_term()
    {
        var graph = Graph(ModelBuilder.Create().Input("x", 4).Node("Relu", ["x"], ["a"]).Node("Tanh", ["x"], ["b"]).Node("Add", ["a", "b"], ["y"]).Output("y", 4));

        // The noise of a at ratio q is q · 1; of the energy of the sum, 4, it is a quarter of q.
        var gains = NoiseGains.Of(graph, Energies(("a", 1), ("b", 3), ("y", 4)));

        Assert.AreEqual(0.25, gains["a"]);
        Assert.AreEqual(0.75, gains["b"]);
        Assert.AreEqual(1, gains["x"]);
    }

    [TestMethod]
    public void A_difference_of_large_terms_amplifies_their_errors()
    {
        var graph = Graph(ModelBuilder.Create().Input("x", 4).Node("Relu", ["x"], ["a"]).Node("Tanh", ["x"], ["b"]).Node("Sub", ["a", "b"], ["y"]).Output("y", 4));
        Assert.AreEqual(10, NoiseGains.Of(graph, Energies(("a", 20), ("b", 20), ("y", 2)))["a"]);
    }

    [TestMethod]
    public void Outputs_share_the_ratio_by_their_energies()
    {
        var graph = Graph(ModelBuilder.Create().Input("x", 4).Node("Relu", ["x"], ["y"]).Node("Tanh", ["x"], ["z"]).Output("y", 4).Output("z", 4));

        var gains = NoiseGains.Of(graph, Energies(("y", 9), ("z", 1)));

        Assert.AreEqual(0.9, gains["y"]);
        Assert.AreEqual(0.1, gains["z"]);
        Assert.AreEqual(1, gains["x"]);
    }

    [TestMethod]
    public void Gates_in_a_row_do_not_let_the_gain_grow()
    {
        var builder = ModelBuilder.Create().Input("v0", 4);
        for (var gate = 0; gate < 50; gate++)
        {
            builder.Node("Sigmoid", [$"v{gate}"], [$"s{gate}"]).Node("Mul", [$"v{gate}", $"s{gate}"], [$"v{gate + 1}"]);
        }

        Assert.AreEqual(1, NoiseGains.Of(Graph(builder.Output("v50", 4)), Energies(("v50", 1)))["v0"], 1e-9);
    }

    private static OnnxGraph Graph(ModelBuilder builder) => new(builder.Build().Graph);

    private static Dictionary<string, double> Energies(params (string Value, double Energy)[] energies) => energies.ToDictionary(each => each.Value, each => each.Energy);
}
