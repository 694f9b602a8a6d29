using ModelBuildTasks.Compression.Quantization;

namespace ModelBuildTasks.Compression.Tests.Quantization;

[TestClass]
public sealed class MinimumCutTests
{
    [TestMethod]
    public void The_cheaper_of_two_arcs_in_a_row_is_cut()
    {
        var network = new MinimumCut();
        var node = network.AddNode();
        network.AddArc(MinimumCut.Source, node, 5);
        network.AddArc(node, MinimumCut.Sink, 3);

        Assert.AreEqual(3, network.Solve()!.Value.Capacity);
        CollectionAssert.AreEqual(new[] { true, false, true }, network.Solve()!.Value.OnSourceSide);
    }

    [TestMethod]
    public void A_flow_goes_back_over_an_arc_that_it_took_first()
    {
        // The shortest path takes the arc in the middle; the greatest flow leaves it alone.
        var network = new MinimumCut();
        var (a, b, c, d) = (network.AddNode(), network.AddNode(), network.AddNode(), network.AddNode());
        network.AddArc(MinimumCut.Source, a, 1);
        network.AddArc(a, b, 1);
        network.AddArc(b, MinimumCut.Sink, 1);
        network.AddArc(MinimumCut.Source, c, 1);
        network.AddArc(c, d, 1);
        network.AddArc(d, b, 1);
        network.AddArc(a, MinimumCut.Sink, 1);

        Assert.AreEqual(2, network.Solve()!.Value.Capacity);
    }

    [TestMethod]
    public void Of_equal_cuts_the_one_with_more_on_the_side_of_the_source_is_taken()
    {
        var network = new MinimumCut();
        var (a, b) = (network.AddNode(), network.AddNode());
        network.AddArc(MinimumCut.Source, a, 2);
        network.AddArc(a, b, 2);
        network.AddArc(b, MinimumCut.Sink, 2);

        CollectionAssert.AreEqual(new[] { true, false, true, true }, network.Solve()!.Value.OnSourceSide);
    }

    [TestMethod]
    public void What_must_not_be_cut_has_no_cut()
    {
        var network = new MinimumCut();
        var node = network.AddNode();
        network.AddArc(MinimumCut.Source, node, MinimumCut.Infinite);
        network.AddArc(MinimumCut.Source, node, MinimumCut.Infinite);
        network.AddArc(node, MinimumCut.Sink, MinimumCut.Infinite);

        Assert.IsNull(network.Solve());
    }

    [TestMethod]
    public void A_capacity_is_finite_or_infinite_and_not_negative()
    {
        var network = new MinimumCut();

        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => network.AddArc(0, 1, -1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => network.AddArc(0, 1, MinimumCut.Largest + 1));
        network.AddArc(0, 1, MinimumCut.Largest);
        Assert.AreEqual(MinimumCut.Largest, network.Solve()!.Value.Capacity);
    }

    [TestMethod]
    public void Random_networks_are_cut_as_trying_every_cut_does()
    {
        for (var seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            var (network, arcs) = (new MinimumCut(), new List<(int From, int To, long Capacity)>());
            var nodes = random.Next(2, 13);
            for (var node = 2; node < nodes; node++)
            {
                Assert.AreEqual(node, network.AddNode());
            }

            for (var arc = random.Next(nodes * 4); arc > 0; arc--)
            {
                arcs.Add((random.Next(nodes), random.Next(nodes), random.Next(8) == 0 ? MinimumCut.Infinite : random.Next(6)));
                network.AddArc(arcs[^1].From, arcs[^1].To, arcs[^1].Capacity);
            }

            // Bits are sides: of the least cuts the one that holds all others' source sides.
            var cuts = Enumerable.Range(0, 1 << nodes).Where(sides => (sides & 3) == 1).Select(sides => (Sides: sides, Cost: Cost(sides))).ToArray();
            var least = cuts.Min(cut => cut.Cost);
            if (least is null or >= (double)MinimumCut.Infinite)
            {
                Assert.IsNull(network.Solve(), $"seed {seed}");
                continue;
            }

            var solved = network.Solve()!.Value;
            Assert.AreEqual(least, solved.Capacity, $"seed {seed}");
            Assert.AreEqual(cuts.Where(cut => cut.Cost == least).Aggregate(0, (sides, cut) => sides | cut.Sides), solved.OnSourceSide.Select((side, node) => side ? 1 << node : 0).Sum(), $"seed {seed}");

            double? Cost(int sides) => arcs.Where(arc => (sides >> arc.From & 1) == 1 && (sides >> arc.To & 1) == 0).Sum(arc => (double)arc.Capacity);
        }
    }
}
