using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.Tests.Quantization;

[TestClass]
public sealed class RegionCutTests
{
    private const int Networks = 600;

    // More than this and every plan cannot be tried.
    private const int MostOperators = 12;

    private const double PicosecondsOfRounding = 1;

    [TestMethod]
    public void No_other_plan_of_a_random_network_costs_less()
    {
        var (tried, mixed) = (0, 0);
        for (var seed = 0; seed < Networks; seed++)
        {
            var network = new Planned(seed);
            if (network.All.Operators.Count > MostOperators)
            {
                continue;
            }

            var chosen = RegionCut.Choose(network.Graph, network.All.Operators, network.Absorbed, network.Costs);

            Assert.IsTrue(network.IsPlan(chosen), $"seed {seed}");
            Assert.AreEqual(network.Plans().Min(network.Weighed), network.Weighed(chosen), PicosecondsOfRounding, $"seed {seed}");
            tried++;
            mixed += chosen.Count > 0 && chosen.Count < network.All.Operators.Count ? 1 : 0;
        }

        Assert.IsGreaterThan(Networks / 2, tried);
        Assert.IsGreaterThan(Networks / 10, mixed);
    }

    [TestMethod]
    public void No_plan_costs_more_than_what_dropping_one_operator_after_another_comes_to()
    {
        var better = 0;
        for (var seed = 0; seed < Networks; seed++)
        {
            var network = new Planned(seed);

            var chosen = network.Weighed(RegionCut.Choose(network.Graph, network.All.Operators, network.Absorbed, network.Costs));
            var greedy = network.Weighed(GreedyChoice.Of(network.Graph, network.All, network.Costs));

            Assert.IsLessThanOrEqualTo(greedy + PicosecondsOfRounding, chosen, $"seed {seed}");
            better += chosen < greedy - PicosecondsOfRounding ? 1 : 0;
        }

        // Otherwise there would be nothing to gain.
        Assert.IsGreaterThan(0, better);
    }

    [TestMethod]
    public void A_penalty_moves_a_layer_to_float_once_it_is_larger_than_what_bytes_save()
    {
        for (var seed = 0; seed < Networks / 10; seed++)
        {
            var network = new Planned(seed);

            var chosen = RegionCut.Choose(network.Graph, network.All.Operators, network.Absorbed, network.Costs, _ => 1e9);

            Assert.IsTrue(chosen.Where(node => node.IsLayer(network.Graph)).All(node => network.Costs.Of(node, onBytes: true) is null), $"seed {seed}");
            CollectionAssert.AreEqual(
                network.Choose(null).ToArray(),
                network.Choose(_ => 0).ToArray(),
                $"seed {seed}");
        }
    }

    [TestMethod]
    public void What_a_change_of_some_operators_costs_is_the_difference_of_the_whole_plans()
    {
        for (var seed = 0; seed < Networks / 4; seed++)
        {
            var network = new Planned(seed);
            var random = new Random(seed);
            var state = network.All.Without(network.All.Operators.Where(_ => random.Next(3) == 0).ToArray());
            var changed = network.All.Operators.Where(_ => random.Next(3) == 0).ToArray();
            if (network.Costs.Compare(changed, state) is not var (int8, single))
            {
                continue;
            }

            var connectors = Connectors(network.All, network.Graph).ToArray();
            var difference = network.Costs.Total(state.With(changed), connectors) - network.Costs.Total(state.Without(changed), connectors);
            Assert.AreEqual(difference, int8 - single, 1e-3, $"seed {seed}");
        }
    }

    [TestMethod]
    public void The_order_in_which_candidates_are_told_decides_nothing()
    {
        for (var seed = 0; seed < Networks / 10; seed++)
        {
            var network = new Planned(seed);

            var chosen = RegionCut.Choose(network.Graph, network.All.Operators.Reverse().ToHashSet<NodeProto>(ReferenceEqualityComparer.Instance), network.Absorbed, network.Costs);

            CollectionAssert.AreEquivalent(network.Choose(null).ToArray(), chosen.Select(node => node.DisplayName()).ToArray(), $"seed {seed}");
        }
    }

    private static IEnumerable<NodeProto> Connectors(BytesState state, OnnxGraph graph) => state.Operators.Where(node => !node.IsLayer(graph));

    /// <summary>A random network, and what of it could compute on bytes.</summary>
    private sealed class Planned
    {
        public Planned(int seed)
        {
            var model = RandomNetwork.Of(seed).Build();
            Graph = new OnnxGraph(model.Graph);
            var planned = PlannedGraph.Of(model, Graph, CostTable.None);
            Absorbed = planned.Absorbed;
            All = new BytesState(Graph, planned.Layers.Where(layer => layer.Format == LayerFormat.Int8).Select(layer => layer.Node).Concat(planned.Connectors).ToHashSet<NodeProto>(ReferenceEqualityComparer.Instance), Absorbed);
            Costs = new PlanCosts(Graph, new ActivationSizes(Graph, new ValueShapes(Graph, new Dictionary<string, int>())), RandomCosts.Of(seed));
        }

        public OnnxGraph Graph { get; }

        public BytesState All { get; }

        public IReadOnlyDictionary<NodeProto, NodeProto> Absorbed { get; }

        public PlanCosts Costs { get; }

        public double Weighed(IReadOnlySet<NodeProto> chosen) => Costs.Weighed(new BytesState(Graph, chosen, Absorbed), Connectors(All, Graph));

        public IEnumerable<string> Choose(Func<NodeProto, double>? penalty) =>
            RegionCut.Choose(Graph, All.Operators, Absorbed, Costs, penalty).Select(node => node.DisplayName()).Order(StringComparer.Ordinal);

        public IEnumerable<HashSet<NodeProto>> Plans()
        {
            var operators = All.Operators.ToArray();
            return Enumerable.Range(0, 1 << operators.Length)
                .Select(bits => operators.Where((_, index) => (bits >> index & 1) == 1).ToHashSet<NodeProto>(ReferenceEqualityComparer.Instance))
                .Where(IsPlan);
        }

        /// <summary>Whether each operator without weights has its inputs as bytes and somebody who reads its bytes, and layers without a number are on bytes.</summary>
        public bool IsPlan(IReadOnlySet<NodeProto> chosen)
        {
            var state = new BytesState(Graph, chosen, Absorbed);
            return Connectors(state, Graph).All(node => BytesState.Inputs(node).All(state.IsBytes) && state.ByteReaders(node).Any())
                && All.Operators.Where(node => node.IsLayer(Graph) && Costs.Of(node, onBytes: true) is null).All(chosen.Contains);
        }
    }
}
