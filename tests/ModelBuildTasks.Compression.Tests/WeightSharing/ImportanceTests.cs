using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;
using ModelBuildTasks.Compression.Tests.Modeling;
using ModelBuildTasks.Compression.Tests.Quantization;
using ModelBuildTasks.Compression.WeightSharing;

namespace ModelBuildTasks.Compression.Tests.WeightSharing;

/// <summary>Values that are chosen by what errors do to the output.</summary>
[TestClass]
public sealed class ImportanceTests
{
    [TestMethod]
    [DataRow(true, 1)]
    [DataRow(true, 4)]
    [DataRow(false, 1)]
    public void Each_weight_has_the_mean_square_of_its_input(bool hasOutputsFirst, int groups)
    {
        var layout = new WeightLayout(hasOutputsFirst, 8, 3, hasOutputsFirst ? 2 : 1, groups);
        var depth = 3 * layout.Positions;
        var importances = new InputImportances(layout, [.. Enumerable.Range(0, groups).Select(group => Enumerable.Range(1, depth).Select(input => 1.0 + input + (100 * group)).ToArray())]);
        var all = new float[8 * depth];
        importances.Read(0, all);
        var some = new float[5];
        importances.Read(4, some);

        for (var element = 0; element < all.Length; element++)
        {
            var (output, input) = hasOutputsFirst ? (element / depth, element % depth) : (element % 8, element / 8);
            Assert.AreEqual(2 + input + (100 * (output / (8 / groups))), all[element]);
        }

        CollectionAssert.AreEqual(all[4..9], some);
    }

    [TestMethod]
    public void Inputs_that_are_zero_count_a_little()
    {
        var importances = new float[2];
        new InputImportances(new WeightLayout(true, 1, 2, 1, 1), [[0, 2]]).Read(0, importances);

        CollectionAssert.AreEqual(new[] { 0.01f, 2 }, importances);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Values_chosen_by_importance_make_the_output_better(bool asLevels)
    {
        for (var seed = 0; seed < 20; seed++)
        {
            using var folder = new TemporaryFolder();
            using var model = ModelBuilder.Create().Input("x", 2, 64).Output("y").Constant("w", RandomTensors.Weight(seed, 64, 48)).Node("MatMul", ["x", "w"], ["y"], "layer").Load(folder);
            var graph = model.EditGraph();
            var weight = Layers.Weights(graph.Nodes[0], graph)[0];
            var random = new Random(seed);
            var diagonal = Enumerable.Range(0, 64).Select(_ => Math.Exp(4 * random.NextDouble())).ToArray();
            var importances = new InputImportances(WeightLayout.Of(graph.Nodes[0], weight)!.Value, [diagonal]);
            var sharing = new SharedValues(new SharingOptions(8));
            var grid = new ByteGrid(weight, 1, null, WeightQuantizer.Scales(new SinglesReader(weight.Tensor), weight.Axis));

            Assert.IsLessThan(Error(null), Error(importances), $"seed {seed}");

            double Error(InputImportances? known)
            {
                var restored = asLevels
                    ? WeightRounding.Round(new SinglesReader(weight.Tensor), weight.Axis, null, grid.Scales, length => new PayloadWriter(length), sharing.Levels(grid, known)).Restored(weight.Axis)
                    : CodebookQuantizer.Round(weight, sharing.Codebook(weight, known), length => new PayloadWriter(length)).Restored(weight.Axis);
                var values = weight.Tensor.Singles().ToArray();
                return restored.Single().Values.ToArray().Select((value, index) => diagonal[index / 48] * Math.Pow(value - values[index], 2)).Sum();
            }
        }
    }
}
