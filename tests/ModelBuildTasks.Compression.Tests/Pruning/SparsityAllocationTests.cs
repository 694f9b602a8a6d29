using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Pruning;
using ModelBuildTasks.Compression.Tests.Quantization;

namespace ModelBuildTasks.Compression.Tests.Pruning;

/// <summary>How many weights each tensor loses.</summary>
[TestClass]
public sealed class SparsityAllocationTests
{
    [TestMethod]
    public void The_weights_of_least_cost_go_wherever_they_are() =>
        CollectionAssert.AreEqual(new long[] { 3, 1 }, SparsityAllocation.Of([new KnownCosts([1, 2, 3, 9]), new KnownCosts([1.5f, 8, 7, 6])], [4, 4], 4));

    [TestMethod]
    public void A_gain_makes_costs_comparable() =>
        CollectionAssert.AreEqual(new long[] { 1, 3 }, SparsityAllocation.Of([new KnownCosts([1, 2, 3, 9], 10), new KnownCosts([15, 80, 13, 12])], [4, 4], 4));

    [TestMethod]
    public void What_a_full_tensor_may_not_lose_others_do() =>
        CollectionAssert.AreEqual(new long[] { 2, 4 }, SparsityAllocation.Of([new KnownCosts([1, 1, 1, 1]), new KnownCosts([5, 6, 7, 8, 9])], [2, 5], 6));

    [TestMethod]
    public void Of_equal_costs_the_first_tensors_go_first() =>
        CollectionAssert.AreEqual(new long[] { 3, 1, 0 }, SparsityAllocation.Of([new KnownCosts([1, 1, 1]), new KnownCosts([1, 1, 1]), new KnownCosts([1, 1, 1])], [3, 3, 3], 4));

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(12_345)]
    [DataRow(299_999)]
    [DataRow(300_000)]
    public void As_many_go_as_are_asked_for(int total)
    {
        WeightCosts[] costs = [.. Enumerable.Range(1, 3).Select(seed => new KnownCosts(Array.ConvertAll(RandomTensors.Singles(new Random(seed), 100_000, seed), value => value * value)))];

        Assert.AreEqual(total, SparsityAllocation.Of(costs, [100_000, 100_000, 100_000], total).Sum());
    }

    [TestMethod]
    public void Magnitudes_cost_their_share_of_what_is_still_there()
    {
        // 1, 4, 9 and 16: of 30, of 29, of 25 and of 16.
        var costs = new List<float>();
        new MagnitudeCosts(TensorValues.Create("w", [-4f, 1, 3, -2], 4)).Visit(part => costs.AddRange(part.ToArray()));

        Assert.AreEqual(1, costs[0], 1e-6);
        Assert.AreEqual(1 / 30.0, costs[1], 1e-6);
        Assert.AreEqual(9 / 25.0, costs[2], 1e-6);
        Assert.AreEqual(4 / 29.0, costs[3], 1e-6);
    }

    [TestMethod]
    public void Costs_of_magnitudes_do_not_depend_on_the_scale_of_a_tensor_and_keep_its_order()
    {
        var values = RandomTensors.Singles(new Random(1), 1000);
        var (plain, scaled) = (Costs(values), Costs(Array.ConvertAll(values, value => value * 1024)));

        CollectionAssert.AreEqual(plain, scaled);
        var order = Enumerable.Range(0, 1000).OrderBy(index => Math.Abs(values[index])).Select(index => plain[index]).ToArray();
        CollectionAssert.AreEqual(order.Order().ToArray(), order);
    }

    private static float[] Costs(float[] values)
    {
        var costs = new List<float>();
        new MagnitudeCosts(TensorValues.Create("w", values, values.Length)).Visit(part => costs.AddRange(part.ToArray()));
        return [.. costs];
    }
}
