using ModelBuildTasks.Compression.Pruning.BrainSurgeon;
using ModelBuildTasks.Compression.SecondOrder;
using ModelBuildTasks.Compression.Tests.SecondOrder;

namespace ModelBuildTasks.Compression.Tests.Pruning;

/// <summary>Weights that stay, fitted to make up for those that went.</summary>
[TestClass]
public sealed class SupportFitTests
{
    [TestMethod]
    public void Three_weights_of_which_one_went_are_those_of_the_closed_form()
    {
        // ŵ = w − w₂ / [H⁻¹]₂₂ · H⁻¹ e₂ for H = [[4, 1, 2], [1, 3, 1], [2, 1, 2]]: det 9, H⁻¹ e₂ = (−5, −2, 11) / 9, so that ŵ = (1 + 5/11 · 3, 2 + 2/11 · 3, 0).
        double[] hessian = [4, 1, 2, 1, 3, 1, 2, 1, 2];
        double[] weights = [1, 2, 0];
        new SupportFit(hessian, 3).Of(Times(hessian, [1, 2, 3]), weights);

        Assert.AreEqual(1 + (15.0 / 11), weights[0], 1e-12);
        Assert.AreEqual(2 + (6.0 / 11), weights[1], 1e-12);
        Assert.AreEqual(0, weights[2]);
    }

    [TestMethod]
    [DataRow(8, 3)]
    [DataRow(60, 12)]
    [DataRow(130, 70)]
    public void No_other_values_have_less_error_and_the_energy_is_told(int inputs, int kept)
    {
        var layer = CorrelatedLayer.Of(inputs, 1, inputs);
        var hessian = layer.Damped();
        int[] stays = [.. Enumerable.Range(0, inputs).OrderBy(input => (input * 7919) % inputs).Take(kept).Order()];
        var values = layer.Weights.Select((weight, input) => stays.Contains(input) ? weight : 0).ToArray();
        var energy = new SupportFit(hessian, inputs).Of(Times(hessian, layer.Weights), values);
        var (error, expected) = BruteForce.Fit(hessian, layer.Weights, stays);

        for (var input = 0; input < inputs; input++)
        {
            Assert.AreEqual(expected[input], values[input], 1e-8);
        }

        Assert.AreEqual(error, BruteForce.Energy(hessian, layer.Weights) - energy, 1e-6 * error);
    }

    [TestMethod]
    public void Without_any_weight_nothing_is_left() => Assert.AreEqual(0, new SupportFit([1, 0, 0, 1], 2).Of([1, 1], new double[2]));

    [TestMethod]
    [DataRow(1)]
    [DataRow(64)]
    [DataRow(65)]
    [DataRow(200)]
    public void The_inverse_of_a_damped_hessian_is_one(int inputs)
    {
        var random = new Random(inputs);
        var sums = new LayerHessian(inputs);
        sums.Add([.. Enumerable.Range(0, inputs * (inputs + 20)).Select(_ => (random.NextSingle() - 0.3f) * random.NextSingle())]);
        var hessian = DampedHessian.Of(sums, 1);
        var (inverse, diagonal) = (hessian.Inverse(), hessian.InverseDiagonal());
        var product = hessian.Times(inverse, inputs);

        for (var index = 0; index < product.Length; index++)
        {
            Assert.AreEqual(index % (inputs + 1) == 0 ? 1 : 0, product[index], 1e-9);
        }

        for (var input = 0; input < inputs; input++)
        {
            Assert.AreEqual(inverse[input * (inputs + 1)], diagonal[input], 1e-9 * diagonal[input]);
        }
    }

    private static double[] Times(double[] hessian, double[] weights) =>
        [.. Enumerable.Range(0, weights.Length).Select(row => Enumerable.Range(0, weights.Length).Sum(column => hessian[(row * weights.Length) + column] * weights[column]))];
}
