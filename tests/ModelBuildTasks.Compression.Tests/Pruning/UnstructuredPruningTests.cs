using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Pruning;
using ModelBuildTasks.Compression.Tests.Modeling;
using ModelBuildTasks.Compression.Tests.Quantization;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Pruning;

/// <summary>What pruning single weights takes out of graphs, and what it leaves alone.</summary>
[TestClass]
public sealed class UnstructuredPruningTests
{
    private static readonly long[] picture = [1, 8, 9, 9];

    [TestMethod]
    [DataRow(PruneMethod.Magnitude, 0.5)]
    [DataRow(PruneMethod.Magnitude, 0.913)]
    [DataRow(PruneMethod.Obd, 0.5)]
    [DataRow(PruneMethod.Obs, 0.1)]
    [DataRow(PruneMethod.Obs, 0.777)]
    public void The_share_of_zeros_is_met_to_a_weight(PruneMethod method, double sparsity)
    {
        using var pruned = new PrunedGraph(Chain(), new PruningOptions(sparsity, method), method == PruneMethod.Magnitude ? null : [4, 32]);

        var weights = 3 * 32 * 32;
        Assert.AreEqual((long)Math.Round(sparsity * weights), pruned.Report.Layers.Sum(layer => layer.WeightsBefore - layer.WeightsAfter));
        Assert.AreEqual(Math.Round(sparsity * weights) / weights, pruned.Report.Sparsity, 1e-12);
        Assert.AreEqual(Math.Round(sparsity * weights), new[] { "w0", "w1", "w2" }.Sum(name => pruned.Weight(name).Count(value => value == 0)));
    }

    [TestMethod]
    public void By_magnitude_the_smallest_weights_of_a_tensor_go_and_no_other_changes()
    {
        using var pruned = new PrunedGraph(Chain(), new PruningOptions(0.5, PruneMethod.Magnitude));
        foreach (var name in new[] { "w0", "w1", "w2" })
        {
            var values = pruned.Before.Graph.Initializer.Single(tensor => tensor.Name == name).Singles().ToArray();
            var limit = pruned.Weight(name).Where(value => value != 0).Min(Math.Abs);

            CollectionAssert.AreEqual(Array.ConvertAll(values, value => Math.Abs(value) < limit ? 0 : value), pruned.Weight(name));
        }
    }

    [TestMethod]
    public void Obs_leaves_less_error_than_obd_and_obd_less_than_magnitude()
    {
        var errors = new[] { PruneMethod.Obs, PruneMethod.Obd }.Select(method =>
        {
            using var pruned = new PrunedGraph(Chain(), new PruningOptions(0.6, method), [4, 32], 64);
            return pruned.Report.Layers.Select(layer => layer.OutputSqnrDb!.Value).Average();
        }).ToArray();

        Assert.IsGreaterThan(errors[1] + 3, errors[0], string.Join(", ", errors));
    }

    [TestMethod]
    [DataRow(PruneMethod.Magnitude)]
    [DataRow(PruneMethod.Obs)]
    public void Biases_tables_depthwise_kernels_and_tiny_weights_stay_dense(PruneMethod method)
    {
        var builder = ModelBuilder.Create().Input("x", picture).Output("y")
            .Constant("k", RandomTensors.Weight(1, 32, 8, 3, 3)).Constant("kb", RandomTensors.Row(2, 32)).Constant("d", RandomTensors.Weight(3, 32, 1, 3, 3)).Constant("t", RandomTensors.Weight(4, 5, 32, 1, 1))
            .Node("Conv", ["x", "k", "kb"], ["c"], "plain").Node("Conv", ["c", "d"], ["e"], "depthwise", ("group", 32)).Node("Conv", ["e", "t"], ["y"], "tiny");
        using var pruned = new PrunedGraph(builder, new PruningOptions(0.5, method), method == PruneMethod.Obs ? picture : null);

        Assert.AreEqual(0.5, pruned.Sparsity("k"));
        Assert.AreEqual(0, pruned.Sparsity("kb") + pruned.Sparsity("d") + pruned.Sparsity("t"));
        Assert.IsNull(pruned.Report.Layers[0].Reason);
        StringAssert.Contains(pruned.Report.Layers[1].Reason, "depthwise");
        StringAssert.Contains(pruned.Report.Layers[2].Reason, "256");
    }

    [TestMethod]
    public void A_weight_of_which_no_output_tells_anything_loses_the_share_itself()
    {
        var builder = ModelBuilder.Create().Input("x", 4, 32).Output("y").Output("z")
            .Constant("w", RandomTensors.Weight(1, 32, 32)).Constant("v", RandomTensors.Weight(2, 32, 32)).Constant("silent", RandomTensors.Weight(3, 64, 4)).Constant("zero", [0f], 1)
            .Node("MatMul", ["x", "w"], ["h"]).Node("Relu", ["h"], ["r"]).Node("MatMul", ["r", "v"], ["y"]).Node("MatMul", ["silent", "y"], ["s"]).Node("Mul", ["s", "zero"], ["z"]);
        using var pruned = new PrunedGraph(builder, new PruningOptions(0.5, PruneMethod.Obs), [4, 32]);

        Assert.AreEqual(0.5, pruned.Sparsity("silent"));
        Assert.AreEqual(0.5, (pruned.Sparsity("w") + pruned.Sparsity("v")) / 2);
    }

    [TestMethod]
    public void A_table_that_is_looked_up_stays_dense_even_where_a_product_reads_it_too()
    {
        var builder = ModelBuilder.Create().Input("x", DataType.Int64, 1L, 4L).Output("y")
            .Constant("t", RandomTensors.Weight(1, 20, 16)).Constant("w", RandomTensors.Weight(2, 16, 16))
            .Node("Gather", ["t", "x"], ["e"]).Node("MatMul", ["e", "w"], ["h"]).Node("Transpose", ["t"], ["u"], ("perm", new[] { 1, 0 })).Node("MatMul", ["h", "u"], ["y"]);
        using var pruned = new PrunedGraph(builder, new PruningOptions(0.5, PruneMethod.Magnitude));

        Assert.AreEqual(0, pruned.Sparsity("t"));
        Assert.AreEqual(0.5, pruned.Sparsity("w"));
    }

    [TestMethod]
    [DataRow(PruneMethod.Magnitude)]
    [DataRow(PruneMethod.Obs)]
    public void Recurrent_transposed_and_stacked_weights_are_pruned_by_magnitude(PruneMethod method)
    {
        var builder = ModelBuilder.Create(11).Input("x", 3, 2, 16).Output("y")
            .Constant("w", RandomTensors.Weight(1, 1, 64, 16)).Constant("r", RandomTensors.Weight(2, 1, 64, 16)).Constant("m", RandomTensors.Weight(3, 2, 16, 16)).Constant("k", RandomTensors.Weight(4, 2, 16, 3, 3))
            .Node("LSTM", ["x", "w", "r"], ["l"], "recurrent", ("hidden_size", 16)).Node("Squeeze", ["l"], ["s"], ("axes", new[] { 1 })).Node("Transpose", ["s"], ["t"], ("perm", new[] { 1, 0, 2 }))
            .Node("MatMul", ["t", "m"], ["p"], "stacked").Node("Unsqueeze", ["p"], ["q"], ("axes", new[] { 0 })).Node("ConvTranspose", ["q", "k"], ["y"], "transposed");
        using var pruned = new PrunedGraph(builder, new PruningOptions(0.5, method), method == PruneMethod.Obs ? [3, 2, 16] : null);

        Assert.AreEqual(0.5, pruned.Report.Sparsity, 1e-3);
        Assert.IsTrue(new[] { "w", "r", "m", "k" }.All(name => pruned.Sparsity(name) > 0));
        Assert.IsTrue(method == PruneMethod.Magnitude || pruned.Report.Layers.All(layer => layer.Reason!.StartsWith("chosen by magnitude", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void A_weight_that_two_layers_read_is_pruned_once_by_what_both_read()
    {
        var builder = ModelBuilder.Create().Input("x", 4, 32).Output("y").Constant("w", RandomTensors.Weight(1, 32, 32))
            .Node("MatMul", ["x", "w"], ["h"], "first").Node("Relu", ["h"], ["r"]).Node("MatMul", ["r", "w"], ["y"], "second");
        using var pruned = new PrunedGraph(builder, new PruningOptions(0.5, PruneMethod.Obs), [4, 32], 32);

        Assert.HasCount(1, pruned.Report.Layers);
        Assert.AreEqual(0.5, pruned.Sparsity("w"));
        Assert.IsNotNull(pruned.Report.Layers[0].OutputSqnrDb);
    }

    [TestMethod]
    public void The_first_and_the_last_layer_keep_more_where_they_are_small()
    {
        var builder = ModelBuilder.Create().Input("x", 4, 16).Output("y")
            .Constant("a", RandomTensors.Weight(1, 16, 64)).Constant("b", RandomTensors.Weight(2, 64, 128)).Constant("c", RandomTensors.Weight(3, 128, 64)).Constant("d", RandomTensors.Weight(4, 64, 16))
            .Node("MatMul", ["x", "a"], ["ha"]).Node("MatMul", ["ha", "b"], ["hb"]).Node("MatMul", ["hb", "c"], ["hc"]).Node("MatMul", ["hc", "d"], ["y"]);
        foreach (var method in new[] { PruneMethod.Magnitude, PruneMethod.Obs })
        {
            using var pruned = new PrunedGraph(builder, new PruningOptions(0.8, method), method == PruneMethod.Obs ? [4, 16] : null, 32);

            Assert.IsLessThanOrEqualTo(0.4, pruned.Sparsity("a"));
            Assert.IsLessThanOrEqualTo(0.4, pruned.Sparsity("d"));
            Assert.AreEqual(0.8, pruned.Report.Sparsity, 1e-4);
        }
    }

    [TestMethod]
    public void Without_samples_it_goes_by_magnitude()
    {
        using var pruned = new PrunedGraph(Chain(), new PruningOptions(0.5));

        Assert.AreEqual("magnitude", pruned.Report.Method);
    }

    [TestMethod]
    [DataRow(Effort.Fast)]
    [DataRow(Effort.Balanced)]
    [DataRow(Effort.Best)]
    public void With_samples_it_goes_by_them_at_every_effort_and_twice_alike(Effort effort)
    {
        using var first = new PrunedGraph(Chain(), new PruningOptions(0.5), [4, 32], 12, effort);
        using var second = new PrunedGraph(Chain(), new PruningOptions(0.5), [4, 32], 12, effort);

        Assert.AreEqual("obs", first.Report.Method);
        Assert.AreEqual(0.5, first.Report.Sparsity, 1e-9);
        Assert.AreEqual(first.After, second.After);
    }

    [TestMethod]
    public void Each_layer_is_told_once()
    {
        using var pruned = new PrunedGraph(Chain(), new PruningOptions(0.5), [4, 32]);

        Assert.HasCount(3, pruned.Told);
        Assert.AreEqual(1, pruned.Told[^1].Fraction);
        StringAssert.StartsWith(pruned.Told[0].Detail, "1/3 m0: ");
    }

    private static ModelBuilder Chain()
    {
        var builder = ModelBuilder.Create().Input("x", 4, 32).Output("y");
        for (var layer = 0; layer < 3; layer++)
        {
            builder.Constant($"w{layer}", RandomTensors.Weight(layer, 32, 32)).Node("MatMul", [layer == 0 ? "x" : $"r{layer}", $"w{layer}"], [layer == 2 ? "y" : $"h{layer}"], $"m{layer}");
            if (layer < 2)
            {
                builder.Node("Relu", [$"h{layer}"], [$"r{layer + 1}"]);
            }
        }

        return builder;
    }
}
