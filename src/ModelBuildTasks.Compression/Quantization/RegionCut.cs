using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>
/// Which operators compute on bytes so that everything together costs the least: a minimum cut (<see cref="MinimumCut"/>) between bytes, the side of the source, and float. An operator is parted from the side that
/// it is not on at its cost on the other one; a value that is written on one side and read on the other costs its conversion, once for all readers, by a node of its own between writer and readers.
/// </summary>
/// <remarks>
/// Every term of <see cref="PlanCosts"/> is in the cut as it is. The layout of a float convolution that a value may have, several operators later, is one arc too: those between are float whenever the convolution is, as an
/// operator without weights has its inputs as bytes or is float.
/// </remarks>
internal sealed class RegionCut
{
    /// <summary>Costs become whole picoseconds, so that sums do not depend on their order.</summary>
    private const double Picoseconds = 1000;

    private readonly OnnxGraph graph;
    private readonly PlanCosts costs;
    private readonly Func<NodeProto, double>? penaltyOnBytes;
    private readonly BytesState all;
    private readonly IReadOnlyList<NodeProto> candidates;
    private readonly Dictionary<NodeProto, int> places = new(ReferenceEqualityComparer.Instance);

    private RegionCut(OnnxGraph graph, IReadOnlySet<NodeProto> candidates, IReadOnlyDictionary<NodeProto, NodeProto> absorbed, PlanCosts costs, Func<NodeProto, double>? penaltyOnBytes)
    {
        (this.graph, this.costs, this.penaltyOnBytes) = (graph, costs, penaltyOnBytes);
        all = new BytesState(graph, candidates, absorbed);
        this.candidates = [.. graph.Nodes.Where(candidates.Contains)];
    }

    /// <summary>The operators that compute on bytes in the cheapest plan; where several are, in the one that has the most on bytes.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="candidates">The layers and other operators that can compute on bytes. Layers of which the table has no opinion then do.</param>
    /// <param name="absorbed">The Relu or Clip whose clipping an operator takes over while it computes on bytes.</param>
    /// <param name="costs">What everything costs.</param>
    /// <param name="penaltyOnBytes">Nanoseconds, 0 or more, that a layer is to cost more on bytes than it does: what its loss of accuracy is worth. Null is 0.</param>
    public static IReadOnlySet<NodeProto> Choose(OnnxGraph graph, IReadOnlySet<NodeProto> candidates, IReadOnlyDictionary<NodeProto, NodeProto> absorbed, PlanCosts costs, Func<NodeProto, double>? penaltyOnBytes = null)
    {
        var cut = new RegionCut(graph, candidates, absorbed, costs, penaltyOnBytes);
        return new ReaderSearch(cut.candidates, cut.all, cut.Solve).Best();
    }

    /// <summary>The cheapest plan in which some operators are where they are told to be; null where there is none.</summary>
    private (HashSet<NodeProto> OnBytes, long Cost)? Solve(IReadOnlyList<(NodeProto Node, bool OnBytes)> told)
    {
        var network = new MinimumCut();
        places.Clear();
        foreach (var node in candidates)
        {
            places.Add(node, network.AddNode());
        }

        foreach (var (node, onBytes) in told)
        {
            network.AddArc(onBytes ? MinimumCut.Source : places[node], onBytes ? places[node] : MinimumCut.Sink, MinimumCut.Infinite);
        }

        foreach (var node in candidates)
        {
            AddOperator(network, node);
        }

        foreach (var value in candidates.SelectMany(node => BytesState.Inputs(node).Concat(all.Outputs(node))).Distinct())
        {
            AddValue(network, value);
        }

        return network.Solve() is { } cut ? (candidates.Where(node => cut.OnSourceSide[places[node]]).ToHashSet<NodeProto>(ReferenceEqualityComparer.Instance), cut.Capacity) : null;
    }

    private void AddOperator(MinimumCut network, NodeProto node)
    {
        var place = places[node];
        if (costs.Of(node, onBytes: true) is { } onBytes && costs.Of(node, onBytes: false) is { } inFloat)
        {
            network.AddArc(place, MinimumCut.Sink, Capacity((PlanCosts.Noise * onBytes) + (node.IsLayer(graph) ? penaltyOnBytes?.Invoke(node) ?? 0 : 0)));
            network.AddArc(MinimumCut.Source, place, Capacity(inFloat));
        }
        else if (node.IsLayer(graph))
        {
            network.AddArc(MinimumCut.Source, place, MinimumCut.Infinite);
        }

        if (node.IsLayer(graph))
        {
            return;
        }

        foreach (var input in BytesState.Inputs(node))
        {
            network.AddArc(place, all.Writer(input) is { } writer ? places[writer] : MinimumCut.Sink, MinimumCut.Infinite);
        }

        // One of several readers is what no cut can ask for: see ReaderSearch.
        if (all.ByteReaders(node).Take(2).ToArray() is { Length: < 2 } readers)
        {
            network.AddArc(place, readers.Length == 0 ? MinimumCut.Sink : places[readers[0]], MinimumCut.Infinite);
        }
    }

    private void AddValue(MinimumCut network, string value)
    {
        var readers = graph.Consumers(value);
        var bytes = readers.Where(all.ReadsBytes).Select(use => use.Node).Distinct<NodeProto>(ReferenceEqualityComparer.Instance).ToArray();
        var floats = readers.Where(use => !all.ReadsBytes(use)).Select(use => use.Node).ToArray();
        if (all.Writer(value) is { } writer)
        {
            // From bytes to floats, for those who read floats.
            AddConversion(network, places[writer], bytes, floats.Length > 0 || graph.IsGraphOutput(value), toBytes: false, costs.Dequantize(value));
            var behind = costs.LayoutTargets(floats).ToArray();
            AddConversion(
                network,
                places[writer],
                [.. bytes.Where(IsConvolution).Concat(behind).Where(places.ContainsKey).Distinct<NodeProto>(ReferenceEqualityComparer.Instance)],
                behind.Any(convolution => !places.ContainsKey(convolution) || floats.Contains(convolution)),
                toBytes: false,
                costs.LayoutToFloat(value));
        }

        if (bytes.Length > 0)
        {
            AddConversion(network, all.Writer(value) is { } source ? places[source] : MinimumCut.Sink, bytes, always: false, toBytes: true, costs.Quantize(value));
            if (costs.LayoutSource(value) is { } convolution)
            {
                AddConversion(network, places.GetValueOrDefault(convolution, MinimumCut.Sink), [.. bytes.Where(reader => !PlanCosts.IsProduct(reader))], always: false, toBytes: true, costs.LayoutToBytes(value));
            }
        }
    }

    /// <summary>A cost that is there while the writer is on one side, and one of the readers (or somebody else, always) on the other.</summary>
    private void AddConversion(MinimumCut network, int writer, NodeProto[] readers, bool always, bool toBytes, double nanoseconds)
    {
        var capacity = Capacity(PlanCosts.Noise * nanoseconds);
        if (always)
        {
            network.AddArc(writer, MinimumCut.Sink, capacity);
        }
        else if (readers.Length > 0 && capacity > 0)
        {
            var between = network.AddNode();
            network.AddArc(toBytes ? between : writer, toBytes ? writer : between, capacity);
            foreach (var reader in readers)
            {
                network.AddArc(toBytes ? places[reader] : between, toBytes ? between : places[reader], MinimumCut.Infinite);
            }
        }
    }

    private static bool IsConvolution(NodeProto node) => node.OpType == "Conv";

    private static long Capacity(double nanoseconds) => (long)Math.Min(Math.Round(nanoseconds * Picoseconds), MinimumCut.Largest);
}
