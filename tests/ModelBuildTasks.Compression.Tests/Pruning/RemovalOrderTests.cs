using ModelBuildTasks.Compression.Pruning.BrainSurgeon;
using ModelBuildTasks.Compression.Tests.SecondOrder;

namespace ModelBuildTasks.Compression.Tests.Pruning;

/// <summary>The order in which weights go, against what can be computed by hand and by trying all masks.</summary>
[TestClass]
public sealed class RemovalOrderTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void Of_two_weights_the_one_goes_first_whose_loss_the_other_makes_up_for()
    {
        // H = [[2, 1], [1, 1]], so that H⁻¹ = [[1, −1], [−1, 2]]; w = (1, 1.2). Alone they would cost 2 and 1.44; with compensation 1² / 1 = 1 and 1.2² / 2 = 0.72. Then w₀ = 1 + 1.2 / 2 = 1.6, at a cost of 1.6² · 2 = 5.12.
        var (order, costs) = Order([1, -1, -1, 2], [1, 1.2], [], [2]);

        CollectionAssert.AreEqual(new[] { 1, 0 }, order);
        Assert.AreEqual(0.72, costs[0], 1e-12);
        Assert.AreEqual(5.12, costs[1], 1e-12);
    }

    [TestMethod]
    public void Of_two_equal_inputs_one_takes_the_weight_of_the_other_for_nothing()
    {
        // x₀ and x₁ nearly equal, x₂ of its own: what the smaller weight of the two does, the other can do; x₂ cannot be made up for, although its weight is the least.
        var layer = new double[] { 1.001, 1, 0, 1, 1.001, 0, 0, 0, 1 };
        var (order, costs) = Order(Inverse(layer, 3), [2, 1.5, 1], [], [3]);

        CollectionAssert.AreEqual(new[] { 1, 2, 0 }, order);
        Assert.IsLessThan(0.01, costs[0]);
        Assert.AreEqual(1, costs[1], 1e-9);
        Assert.AreEqual(3.5 * 3.5, costs[2], 0.05);
    }

    [TestMethod]
    [DataRow(3)]
    [DataRow(40)]
    [DataRow(65)]
    [DataRow(150)]
    public void Costs_add_up_to_the_error_of_the_best_fit_on_what_stays(int inputs)
    {
        var layer = CorrelatedLayer.Of(inputs, 1, inputs);
        var hessian = layer.Damped();
        var (order, costs) = Order(Inverse(hessian, inputs), layer.Weights, [], [inputs]);

        CollectionAssert.AreEquivalent(Enumerable.Range(0, inputs).ToArray(), order);
        foreach (var count in new[] { 1, inputs / 3, inputs / 2, inputs - 1, inputs })
        {
            var expected = BruteForce.Fit(hessian, layer.Weights, [.. order.Skip(count)]).Error;
            Assert.AreEqual(expected, costs.Take(count).Sum(), 1e-6 * expected);
        }
    }

    [TestMethod]
    public void Each_step_removes_the_weight_that_costs_least_then()
    {
        var layer = CorrelatedLayer.Of(30, 1, 2);
        var hessian = layer.Damped();
        var (order, _) = Order(Inverse(hessian, 30), layer.Weights, [], [30]);
        for (var step = 0; step < 29; step++)
        {
            var left = order.Skip(step).ToArray();
            var best = left.MinBy(removed => BruteForce.Fit(hessian, layer.Weights, [.. left.Except([removed])]).Error);

            Assert.AreEqual(best, order[step], $"step {step}");
        }
    }

    [TestMethod]
    public void It_is_near_the_best_of_all_masks_in_the_mean()
    {
        var (chosen, smallest, best) = (0.0, 0.0, 0.0);
        for (var seed = 1; seed <= 30; seed++)
        {
            var layer = CorrelatedLayer.Of(9, 1, seed);
            var hessian = layer.Damped();
            var (_, costs) = Order(Inverse(hessian, 9), layer.Weights, [], [5]);
            chosen += costs.Sum();
            best += BruteForce.Least(hessian, layer.Weights, 4);
            var limit = layer.Weights.Select(Math.Abs).Order().ElementAt(4);
            smallest += BruteForce.Energy(hessian, [.. layer.Weights.Select(weight => Math.Abs(weight) <= limit ? weight : 0)]);
        }

        TestContext.WriteLine($"the order {chosen / best:F3}, the smallest weights {smallest / best:F3} times the error of the best masks");
        Assert.IsLessThan(1.3, chosen / best);
        Assert.IsGreaterThan(2, smallest / best);
    }

    [TestMethod]
    public void Of_each_group_no_more_go_than_may()
    {
        var layer = CorrelatedLayer.Of(50, 1, 4);
        int[] groups = [.. Enumerable.Range(0, 50).Select(input => input / 4)];
        var removable = Enumerable.Range(0, 13).Select(group => group < 12 ? 2 : 0).ToArray();
        var (order, _) = Order(Inverse(layer.Damped(), 50), layer.Weights, groups, removable);

        Assert.HasCount(24, order);
        Assert.IsTrue(order.CountBy(input => groups[input]).All(group => group.Value == 2));
    }

    internal static double[] Inverse(double[] hessian, int size)
    {
        var inverse = new double[size * size];
        for (var column = 0; column < size; column++)
        {
            // H·x = H·w for w a solution: the unit vector is reached where w is a column of the inverse, so that Gauss is asked for each.
            var rows = new double[size, size + 1];
            for (var index = 0; index < hessian.Length; index++)
            {
                rows[index / size, index % size] = hessian[index];
            }

            rows[column, size] = 1;
            for (var pivot = 0; pivot < size; pivot++)
            {
                for (var row = 0; row < size; row++)
                {
                    var factor = row == pivot ? 0 : rows[row, pivot] / rows[pivot, pivot];
                    for (var other = pivot; other <= size; other++)
                    {
                        rows[row, other] -= factor * rows[pivot, other];
                    }
                }
            }

            for (var row = 0; row < size; row++)
            {
                inverse[(row * size) + column] = rows[row, size] / rows[row, row];
            }
        }

        return inverse;
    }

    private static (int[] Order, double[] Costs) Order(double[] inverse, double[] weights, int[] groups, int[] removable)
    {
        var (order, costs) = (new int[weights.Length], new double[weights.Length]);
        var count = new RemovalOrder(weights.Length).Of(inverse, weights, groups, removable, order, costs);
        return (order[..count], costs[..count]);
    }
}
