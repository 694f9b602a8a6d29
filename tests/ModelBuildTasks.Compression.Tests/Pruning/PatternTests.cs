using ModelBuildTasks.Compression.Pruning;
using ModelBuildTasks.Compression.Tests.Modeling;
using ModelBuildTasks.Compression.Tests.Quantization;

namespace ModelBuildTasks.Compression.Tests.Pruning;

/// <summary>N:M: of every M neighbours along the inputs of a layer, at most N are not zero.</summary>
[TestClass]
public sealed class PatternTests
{
    public static IEnumerable<object[]> Cases => from method in new[] { PruneMethod.Magnitude, PruneMethod.Obd, PruneMethod.Obs }
                                                 from pattern in new[] { (2, 4), (1, 3), (3, 8) }
                                                 select new object[] { method, pattern.Item1, pattern.Item2 };

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Groups_of_a_convolution_are_neighbouring_channels_at_one_place_of_the_kernel(PruneMethod method, int kept, int group)
    {
        var builder = ModelBuilder.Create().Input("x", 1, 10, 7, 7).Output("y").Constant("k", RandomTensors.Weight(1, 12, 10, 3, 3)).Node("Conv", ["x", "k"], ["y"], "layer");
        AssertPattern(builder, [1, 10, 7, 7], "k", method, kept, group, rows: 12 * 9, depth: 10, (row, input) => (((row / 9 * 10) + input) * 9) + (row % 9));
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Groups_of_a_grouped_convolution_are_channels_of_its_own_group(PruneMethod method, int kept, int group)
    {
        var builder = ModelBuilder.Create().Input("x", 1, 12, 7, 7).Output("y").Constant("k", RandomTensors.Weight(1, 8, 6, 3, 3)).Node("Conv", ["x", "k"], ["y"], "layer", ("group", 2));
        AssertPattern(builder, [1, 12, 7, 7], "k", method, kept, group, rows: 8 * 9, depth: 6, (row, input) => (((row / 9 * 6) + input) * 9) + (row % 9));
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Groups_of_a_Gemm_with_outputs_first_lie_along_its_rows(PruneMethod method, int kept, int group)
    {
        var builder = ModelBuilder.Create().Input("x", 4, 30).Output("y").Constant("w", RandomTensors.Weight(1, 20, 30)).Node("Gemm", ["x", "w"], ["y"], "layer", ("transB", 1));
        AssertPattern(builder, [4, 30], "w", method, kept, group, rows: 20, depth: 30, (row, input) => (row * 30) + input);
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Groups_of_a_MatMul_lie_along_its_columns(PruneMethod method, int kept, int group)
    {
        var builder = ModelBuilder.Create().Input("x", 4, 30).Output("y").Constant("w", RandomTensors.Weight(1, 30, 20)).Node("MatMul", ["x", "w"], ["y"], "layer");
        AssertPattern(builder, [4, 30], "w", method, kept, group, rows: 20, depth: 30, (row, input) => (input * 20) + row);
    }

    [TestMethod]
    public void By_magnitude_the_largest_of_each_group_stay()
    {
        var weights = new float[16 * 16];
        for (var index = 0; index < weights.Length; index++)
        {
            weights[index] = (index % 4) switch { 0 => 1, 1 => -4, 2 => 3, _ => 2 };
        }

        var builder = ModelBuilder.Create().Input("x", 4, 16).Output("y").Constant("w", weights, 16, 16).Node("Gemm", ["x", "w"], ["y"], "layer", ("transB", 1));
        using var pruned = new PrunedGraph(builder, PruningOptions.Of(new SparsityPattern(2, 4), PruneMethod.Magnitude));

        CollectionAssert.AreEqual(Enumerable.Range(0, 64).SelectMany(_ => new[] { 0f, -4, 3, 0 }).ToArray(), pruned.Weight("w"));
        Assert.AreEqual(0.5, pruned.Report.Sparsity);
        Assert.AreEqual("2:4", pruned.Report.Asked);
    }

    private static void AssertPattern(ModelBuilder builder, long[] shape, string name, PruneMethod method, int kept, int group, int rows, int depth, Func<int, int, int> place)
    {
        using var pruned = new PrunedGraph(builder, PruningOptions.Of(new SparsityPattern(kept, group), method), method == PruneMethod.Magnitude ? null : shape, 24);
        var values = pruned.Weight(name);
        for (var row = 0; row < rows; row++)
        {
            for (var first = 0; first < depth; first += group)
            {
                var length = Math.Min(group, depth - first);
                Assert.AreEqual(Math.Min(kept, length), Enumerable.Range(first, length).Count(input => values[place(row, input)] != 0), $"row {row} from {first}");
            }
        }
    }
}
