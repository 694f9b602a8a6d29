using ModelBuildTasks.Compression.Pruning.BrainSurgeon;
using ModelBuildTasks.Compression.SecondOrder;
using ModelBuildTasks.Compression.Tests.SecondOrder;

namespace ModelBuildTasks.Compression.Tests.Pruning;

/// <summary>Which weights of a block of inputs go, once it is known what the errors of other blocks want of them.</summary>
[TestClass]
public sealed class MaskedRoundingTests
{
    [TestMethod]
    public void As_many_go_as_were_masked_and_those_that_count_least()
    {
        // Two of six were masked: of the inputs 2 and 0 with scales 1 and 3, and two outputs, (2, 0) and (2, 1) count 25 and 16, (0, 0) and (0, 1) count 9 and 36.
        var grid = new MaskedRounding([0, 1, 7, 7, 1, 0], 2, isFixed: false);
        grid.Begin([2, 0], [5, 4, 1, 2], [1, 3]);
        var restored = new double[2];
        grid.Round(2, [5, 4], restored);
        CollectionAssert.AreEqual(new double[] { 5, 0 }, restored);
        grid.Round(0, [1.5, 2.5], restored);

        CollectionAssert.AreEqual(new double[] { 0, 2.5 }, restored);
        CollectionAssert.AreEqual(new double[] { 0, 2.5, 7, 7, 5, 0 }, grid.Values);
    }

    [TestMethod]
    public void The_zeros_of_a_pattern_are_those_that_go()
    {
        var grid = new MaskedRounding([0, 1, 1, 0], 2, isFixed: true);
        grid.Begin([0, 1], [9, 1, 1, 9], [1, 1]);
        var restored = new double[2];
        grid.Round(0, [9, 1], restored);

        CollectionAssert.AreEqual(new double[] { 0, 1 }, restored);
    }

    [TestMethod]
    [DataRow(200, 0.8)]
    [DataRow(333, 0.7)]
    public void Chosen_block_by_block_they_leave_less_error_than_chosen_at_once(int inputs, double sparsity)
    {
        const int Outputs = 6;
        var layer = CorrelatedLayer.Of(inputs, Outputs, inputs);
        var factor = layer.Factor([.. Enumerable.Range(0, inputs).Select(input => new[] { input })]);
        double[] Masked()
        {
            var limit = layer.Weights.Select(Math.Abs).Order().ElementAt((int)(sparsity * layer.Weights.Length));
            return Array.ConvertAll(layer.Weights, weight => Math.Abs(weight) < limit ? 0 : weight);
        }

        var (once, adaptive) = (new MaskedRounding(Masked(), Outputs, isFixed: true), new MaskedRounding(Masked(), Outputs, isFixed: false));
        var (noiseAtOnce, noise) = (ErrorFeedback.Round(factor, layer.Weights, Outputs, once).Sum(), ErrorFeedback.Round(factor, layer.Weights, Outputs, adaptive).Sum());

        Assert.AreEqual(once.Values.Count(value => value == 0), adaptive.Values.Count(value => value == 0));
        Assert.IsLessThan(0.9 * noiseAtOnce, noise);
    }
}
