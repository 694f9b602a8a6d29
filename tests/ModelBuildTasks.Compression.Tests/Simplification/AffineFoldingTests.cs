using ModelBuildTasks.Compression.Tests.Modeling;
using ModelBuildTasks.Compression.Tests.Quantization;

namespace ModelBuildTasks.Compression.Tests.Simplification;

[TestClass]
public sealed class AffineFoldingTests
{
    [TestMethod]
    public void A_product_and_a_sum_behind_a_convolution_become_its_weight_and_bias()
    {
        using var graph = new SimplifiedGraph(Convolution().Constant("s", [3f]).Constant("t", [0.5f])
            .Node("Conv", ["x", "w", "b"], ["c"]).Node("Mul", ["s", "c"], ["m"]).Node("Add", ["m", "t"], ["y"]).Output("y", 1, 2, 4, 4));

        Assert.AreEqual("Conv", graph.Operators);
        Assert.AreEqual("y", graph.Graph.Node[0].Output[0]);
        CollectionAssert.AreEqual(new[] { 3f, 6, 9, 12 }, graph.Constant("Conv", 1));
        CollectionAssert.AreEqual(new[] { 15.5f, 18.5f }, graph.Constant("Conv", 2));
    }

    [TestMethod]
    public void A_number_for_each_channel_is_folded_along_them()
    {
        using var graph = new SimplifiedGraph(Convolution().Constant("s", [2f, 4], 2, 1, 1).Constant("t", [1f, -1], 1, 2, 1, 1)
            .Node("Conv", ["x", "w", "b"], ["c"]).Node("Div", ["c", "s"], ["m"]).Node("Sub", ["m", "t"], ["y"]).Output("y", 1, 2, 4, 4));

        CollectionAssert.AreEqual(new[] { 0.5f, 1, 0.75f, 1 }, graph.Constant("Conv", 1));
        CollectionAssert.AreEqual(new[] { 1.5f, 2.5f }, graph.Constant("Conv", 2));
    }

    [TestMethod]
    public void A_number_less_the_output_negates_the_weight()
    {
        using var graph = new SimplifiedGraph(Convolution().Constant("one", [1f]).Node("Conv", ["x", "w", "b"], ["c"]).Node("Sub", ["one", "c"], ["y"]).Output("y", 1, 2, 4, 4));

        CollectionAssert.AreEqual(new[] { -1f, -2, -3, -4 }, graph.Constant("Conv", 1));
        CollectionAssert.AreEqual(new[] { -4f, -5 }, graph.Constant("Conv", 2));
    }

    [TestMethod]
    public void What_stands_in_front_of_a_convolution_without_a_border_is_folded_too()
    {
        using var graph = new SimplifiedGraph(Convolution().Constant("s", [2f]).Constant("t", [10f])
            .Node("Mul", ["x", "s"], ["m"]).Node("Add", ["m", "t"], ["a"]).Node("Conv", ["a", "w", "b"], ["y"]).Output("y", 1, 2, 4, 4));

        Assert.AreEqual("Conv", graph.Operators);
        CollectionAssert.AreEqual(new[] { 2f, 4, 6, 8 }, graph.Constant("Conv", 1));
        CollectionAssert.AreEqual(new[] { 35f, 76 }, graph.Constant("Conv", 2));
    }

    [TestMethod]
    public void Before_a_border_the_scale_is_folded_and_the_shift_stays()
    {
        using var graph = new SimplifiedGraph(Convolution().Constant("s", [2f]).Constant("t", [10f])
            .Node("Mul", ["x", "s"], ["m"]).Node("Add", ["m", "t"], ["a"]).Node("Conv", ["a", "w", "b"], ["y"], ("pads", new[] { 1, 1, 1, 1 })).Output("y", 1, 2, 6, 6));

        Assert.AreEqual("BatchNormalization Conv", graph.Operators);
        CollectionAssert.AreEqual(new[] { 2f, 4, 6, 8 }, graph.Constant("Conv", 1));
        CollectionAssert.AreEqual(new[] { 5f, 5 }, graph.Constant("BatchNormalization", 2));
        graph.AssertSame();
    }

    [TestMethod]
    public void A_sum_before_a_border_is_left_alone() => Assert.AreEqual("Add Conv", SimplifiedGraph.OperatorsOf(Convolution().Constant("t", [10f])
        .Node("Add", ["x", "t"], ["a"]).Node("Conv", ["a", "w", "b"], ["y"], ("pads", new[] { 1, 1, 1, 1 })).Output("y", 1, 2, 6, 6)));

    [TestMethod]
    public void A_matrix_product_takes_scales_and_one_sum_stays()
    {
        using var graph = new SimplifiedGraph(ModelBuilder.Create().Input("x", 1, 2).Constant("w", [1f, 2, 3, 4], 2, 2).Constant("s", [2f, 3], 2).Constant("t", [1f, 1], 2)
            .Node("MatMul", ["x", "w"], ["p"]).Node("Add", ["p", "t"], ["a"]).Node("Mul", ["a", "s"], ["y"]).Output("y", 1, 2));

        Assert.AreEqual("MatMul Add", graph.Operators);
        CollectionAssert.AreEqual(new[] { 2f, 6, 6, 12 }, graph.Constant("MatMul", 1));
        CollectionAssert.AreEqual(new[] { 2f, 3 }, graph.Constant("Add", 1));
    }

    [TestMethod]
    public void Gemm_keeps_alpha_and_its_beta_goes_into_the_bias()
    {
        using var graph = new SimplifiedGraph(ModelBuilder.Create().Input("x", 1, 2).Constant("w", [1f, 2, 3, 4], 2, 2).Constant("b", [1f, 2], 2).Constant("s", [2f]).Constant("t", [3f])
            .Node("Add", ["x", "t"], ["a"]).Node("Gemm", ["a", "w", "b"], ["g"], ("alpha", 0.5f), ("beta", 4f), ("transB", 1)).Node("Mul", ["g", "s"], ["y"]).Output("y", 1, 2));

        Assert.AreEqual("Gemm", graph.Operators);
        CollectionAssert.AreEqual(new[] { 2f, 4, 6, 8 }, graph.Constant("Gemm", 1));
        CollectionAssert.AreEqual(new[] { 17f, 37 }, graph.Constant("Gemm", 2));
        graph.AssertSame();
    }

    [TestMethod]
    public void Batch_normalization_behind_a_transposed_convolution_in_groups_is_folded()
    {
        using var graph = new SimplifiedGraph(ModelBuilder.Create().Input("x", 1, 4, 3, 3).Constant("w", RandomTensors.Weight(1, 4, 3, 2, 2)).Constant("g", RandomTensors.Row(2, 6)).Constant("b", RandomTensors.Row(3, 6))
            .Constant("m", RandomTensors.Row(4, 6)).Constant("v", [1f, 2, 3, 4, 5, 6], 6)
            .Node("ConvTranspose", ["x", "w"], ["c"], ("group", 2)).Node("BatchNormalization", ["c", "g", "b", "m", "v"], ["y"]).Output("y", 1, 6, 4, 4));

        Assert.AreEqual("ConvTranspose", graph.Operators);
        graph.AssertSame();
    }

    [TestMethod]
    [DataRow("shared weight")]
    [DataRow("output in between")]
    [DataRow("two readers")]
    [DataRow("broadcast")]
    [DataRow("too small")]
    [DataRow("too large")]
    public void What_would_change_something_else_is_left_alone(string reason)
    {
        var builder = Convolution(reason == "too small" ? 1e-3f : 1).Constant("s", [reason switch { "too small" => 1e-38f, "too large" => 3e38f, _ => 2f }]).Constant("wide", [1f, 2, 3, 4], 4).Node("Conv", ["x", "w"], ["c"])
            .Node("Mul", ["c", reason == "broadcast" ? "wide" : "s"], ["y"]).Output("y", 1, 2, 4, 4);
        _ = reason switch
        {
            "shared weight" => builder.Node("Conv", ["x", "w"], ["z"]).Output("z", 1, 2, 4, 4),
            "output in between" => builder.Output("c", 1, 2, 4, 4),
            "two readers" => builder.Node("Relu", ["c"], ["z"]).Output("z", 1, 2, 4, 4),
            _ => builder,
        };
        StringAssert.Contains(SimplifiedGraph.OperatorsOf(builder), "Mul");
    }

    [TestMethod]
    public void The_scale_of_a_normalization_stays_with_it() => StringAssert.Contains(
        SimplifiedGraph.OperatorsOf(LayerNormalizationTests.Normalization(16, "Pow", "Div").Constant("w", RandomTensors.Weight(1, 8, 8)).Node("MatMul", ["y", "w"], ["z"]).Output("z", 2, 3, 8)), "Mul Add MatMul");

    [TestMethod]
    public void Random_chains_compute_what_they_computed()
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            var builder = ModelBuilder.Create().Input("x", 1, 4, 6, 6);
            var value = "x";
            for (var node = 0; node < 10; node++)
            {
                var (next, constant) = ($"v{node}", $"k{node}");
                var operation = random.Next(8) switch { 0 or 1 => "Conv", 2 or 3 => "Mul", 4 => "Add", 5 => "Sub", 6 => "Div", _ => "Relu" };
                string[] inputs = operation == "Relu" ? [value] : operation != "Conv" && operation != "Div" && random.Next(2) == 0 ? [constant, value] : [value, constant];
                if (operation != "Relu")
                {
                    long[] dims = operation == "Conv" ? [4, 4 / (random.Next(2) + 1), 3, 3] : random.Next(2) == 0 ? [] : [4, 1, 1];
                    builder.Constant(constant, [.. RandomTensors.Singles(random, dims.Aggregate(1L, (a, b) => a * b), 0.5).Select(number => number + (operation == "Div" ? 3 : 0.2f))], dims);
                    _ = operation == "Conv"
                        ? builder.Node("Conv", inputs, [next], ("group", (int)(4 / dims[1])), ("pads", new[] { 1, 1, 1, 1 }))
                        : builder.Node(operation, inputs, [next]);
                }
                else
                {
                    builder.Node(operation, inputs, [next]);
                }

                value = next;
            }

            using var graph = new SimplifiedGraph(builder.Node("GlobalAveragePool", [value], ["pool"]).Node("Add", ["pool", "x"], ["y"]).Output("y", 1, 4, 6, 6));
            graph.AssertSame(seed);
        }
    }

    private static ModelBuilder Convolution(float first = 1) => ModelBuilder.Create().Input("x", 1, 2, 4, 4).Constant("w", [first, 2, 3, 4], 2, 2, 1, 1).Constant("b", [5f, 6], 2);
}
