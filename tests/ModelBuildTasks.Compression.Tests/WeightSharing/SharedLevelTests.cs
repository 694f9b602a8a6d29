using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;
using ModelBuildTasks.Compression.SecondOrder;
using ModelBuildTasks.Compression.Tests.Modeling;
using ModelBuildTasks.Compression.Tests.Quantization;
using ModelBuildTasks.Compression.Tests.SecondOrder;
using ModelBuildTasks.Compression.WeightSharing;

namespace ModelBuildTasks.Compression.Tests.WeightSharing;

/// <summary>The levels that bytes share, and how weights are rounded to them.</summary>
[TestClass]
public sealed class SharedLevelTests
{
    [TestMethod]
    [DataRow(1, 2, false)]
    [DataRow(2, 3, false)]
    [DataRow(3, 4, false)]
    [DataRow(4, 3, true)]
    [DataRow(5, 2, true)]
    public void Chosen_levels_have_the_least_error_of_all(int seed, int count, bool hasZeros)
    {
        var random = new Random(seed);
        var weights = Enumerable.Range(0, 60).Select(i => (Value: hasZeros && i % 5 == 0 ? 0 : (random.NextDouble() * 9) - 3.5, Importance: 0.1 + random.NextDouble())).ToArray();
        var histogram = new LevelHistogram();
        foreach (var (value, importance) in weights)
        {
            histogram.Add(value, importance);
        }

        var least = Subsets([.. Enumerable.Range(-5, 12)], count).Where(levels => !hasZeros || levels.Contains(0)).Min(Error);

        var chosen = histogram.Choose(count, 127).Levels;
        Assert.IsLessThanOrEqualTo(count, chosen.Length);
        Assert.AreEqual(least, Error([.. chosen.Select(level => (int)level)]), 1e-9);

        double Error(int[] levels) => weights.Sum(weight => weight.Importance * levels.Min(level => (weight.Value - level) * (weight.Value - level)));
    }

    [TestMethod]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(16)]
    [DataRow(200)]
    public void Nearest_levels_are_the_nearest(int count)
    {
        var random = new Random(count);
        var set = new LevelSet([.. Enumerable.Range(-127, 255).OrderBy(_ => random.Next()).Take(count).Order().Select(level => (sbyte)level)]);
        for (var i = 0; i < 2000; i++)
        {
            var value = (random.NextDouble() * 270) - 135;
            var (lowest, highest) = (random.Next(-128, 100), random.Next(-100, 128));
            var within = set.Levels.Where(level => level >= lowest && level <= highest).Select(level => (double?)Math.Abs(level - value)).Min();

            Assert.AreEqual(set.Levels.Min(level => Math.Abs(level - value)), Math.Abs(set.Nearest(value) - value), 1e-9);
            Assert.AreEqual(within is null, set.NearestWithin(value, lowest, highest) is null);
            Assert.AreEqual(within ?? 0, set.NearestWithin(value, lowest, highest) is { } found ? Math.Abs(found - value) : 0, 1e-9);
        }
    }

    [TestMethod]
    [DataRow(2)]
    [DataRow(5)]
    [DataRow(32)]
    public void Pairs_of_nearest_levels_keep_the_bound_with_the_least_error(int count)
    {
        var random = new Random(count);
        for (var i = 0; i < 300; i++)
        {
            // One level of at most 64 makes a pair possible.
            var set = new LevelSet([.. Enumerable.Range(-127, 255).OrderBy(_ => random.Next()).Take(count).Append(random.Next(-64, 65)).Distinct().Order().Select(level => (sbyte)level)]);
            var (first, second) = ((random.NextDouble() * 260) - 130, (random.NextDouble() * 260) - 130);
            var least = set.Levels.SelectMany(level => set.Levels.Where(other => Math.Abs(level + other) <= 128).Select(other => Square(level - first) + Square(other - second))).Min();
            var pair = set.NearestPair(first, second, 128);

            Assert.IsLessThanOrEqualTo(128, Math.Abs(pair.First + pair.Second));
            Assert.AreEqual(least, Square(pair.First - first) + Square(pair.Second - second), 1e-9);
        }

        static double Square(double value) => value * value;
    }

    [TestMethod]
    [DataRow("MatMul", 33)]
    [DataRow("MatMul", 64)]
    [DataRow("Conv", 0)]
    public void Bytes_of_bounded_pairs_share_levels(string operation, int depth)
    {
        using var folder = new TemporaryFolder();
        // All of one sign, so that pairs of large weights are many and no level need be zero.
        var tensor = operation == "Conv" ? RandomTensors.Weight(3, 24, 9, 3, 3) : RandomTensors.Weight(3, depth, 24);
        tensor.RawData = Google.Protobuf.ByteString.CopyFrom(LittleEndian.Bytes<float>(Array.ConvertAll(tensor.Singles().ToArray(), value => Math.Abs(value) + 0.5f)));
        using var model = ModelBuilder.Create().Input("x", operation == "Conv" ? [1, 9, 5, 5] : [2, depth]).Output("y").Constant("w", tensor).Node(operation, ["x", "w"], ["y"], "layer").Load(folder);
        var graph = model.EditGraph();
        var weight = Layers.Weights(graph.Nodes[0], graph)[0];
        var bound = PairBound.ForAnyInput(graph.Nodes[0], weight)!.Value;
        var sharing = new SharedValues(new SharingOptions(4));
        var grid = new ByteGrid(weight, 1, bound, WeightQuantizer.Scales(new SinglesReader(weight.Tensor), weight.Axis)) { Sharing = sharing };
        var inputs = LayerInputs.Of(graph.Nodes[0], weight)!;
        var hessian = new LayerHessian(inputs.Depth);
        hessian.Add(RandomTensors.Singles(new Random(4), 4 * inputs.Depth * inputs.Depth));
        var rounded = LayerRounding.Round(new RoundedLayer(new ByteTarget(grid), weight, inputs, [graph.Nodes[0]]), [hessian], CancellationToken.None);

        AssertBound(MemoryMarshal.Cast<byte, sbyte>(NearestRounder.Instance.ToBytes(grid, length => new PayloadWriter(length)).Values.Span).ToArray());
        AssertBound(rounded.Levels);

        void AssertBound(sbyte[] levels)
        {
            Assert.IsLessThanOrEqualTo(4, levels.Distinct().Count());
            for (var channel = 0; channel < 24; channel++)
            {
                var ordered = new int[inputs.Depth];
                for (var element = 0; element < ordered.Length; element++)
                {
                    ordered[bound.Order.Place(element)] = operation == "Conv" ? levels[(channel * ordered.Length) + element] : levels[(element * 24) + channel];
                }

                foreach (var pair in ordered.Chunk(2))
                {
                    Assert.IsLessThanOrEqualTo(bound.Limit, Math.Abs(pair.Sum()));
                }
            }
        }
    }

    private static IEnumerable<int[]> Subsets(int[] levels, int count) => count == 0 ? [[]]
        : Enumerable.Range(0, levels.Length).SelectMany(index => Subsets(levels[(index + 1)..], count - 1).Select(rest => (int[])[levels[index], .. rest]));
}
