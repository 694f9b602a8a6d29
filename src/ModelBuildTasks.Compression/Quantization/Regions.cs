using System.Globalization;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>Finds the regions of a plan.</summary>
internal static class Regions
{
    /// <summary>The regions on bytes and those that were dropped, in the order in which their first operators run.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="all">What could compute on bytes.</param>
    /// <param name="chosen">What of it does.</param>
    /// <param name="costs">What everything costs.</param>
    /// <param name="formats">What layers are instead that do not compute on bytes, and the price of their errors there.</param>
    public static IReadOnlyList<PlanRegion> Of(OnnxGraph graph, BytesState all, BytesState chosen, PlanCosts costs, FormatAssignment formats)
    {
        var dropped = all.Without(chosen.Operators).Operators;
        var order = graph.Nodes.Select((node, index) => (node, index)).ToDictionary<(NodeProto Node, int Index), NodeProto, int>(pair => pair.Node, pair => pair.Index, ReferenceEqualityComparer.Instance);
        return
        [
            .. Connected(graph, all, chosen.Operators).Select(nodes => Region(graph, nodes, isInt8: true, chosen, costs, formats))
                .Concat(Connected(graph, all, dropped).Select(nodes => Region(graph, nodes, isInt8: false, chosen, costs, formats)))
                .OrderBy(region => order[region.Operators[0]]),
        ];
    }

    private static PlanRegion Region(OnnxGraph graph, IReadOnlyList<NodeProto> nodes, bool isInt8, BytesState chosen, PlanCosts costs, FormatAssignment formats)
    {
        var layers = nodes.Where(node => node.IsLayer(graph)).ToArray();
        var named = layers.Length > 0 ? layers : nodes;
        var name = named.Count == 1 ? named[0].DisplayName() : $"{named[0].DisplayName()} … {named[^1].DisplayName()}";
        var compared = costs.Compare(nodes, chosen);
        var format = isInt8 ? LayerFormat.Int8 : layers.Length > 0 ? formats.Of(layers[0]).Otherwise : LayerFormat.Float;
        var reason = Reason(nodes.Count, compared);
        var penalty = layers.Sum(layer => formats.Of(layer).Penalty);
        return new PlanRegion(name, format, nodes, layers, compared?.Int8, compared?.Float, isInt8 || penalty == 0 ? reason : string.Create(CultureInfo.InvariantCulture, $"{reason}, and its errors on bytes are priced at {penalty / 1000:F1} µs"));
    }

    private static string Reason(int operators, (double Int8, double Float)? compared) => compared is not var (int8, single) ? "the cost table has no opinion, and what can compute on bytes does"
        : operators == 1 ? string.Create(CultureInfo.InvariantCulture, $"the cost table has int8 at {int8 / 1000:F1} µs against float at {single / 1000:F1} µs, conversions between them included")
        : string.Create(CultureInfo.InvariantCulture, $"the cost table has its region of {operators} operators at {int8 / 1000:F1} µs as int8 against {single / 1000:F1} µs in float, conversions included");

    /// <summary>The parts of a set of operators that values connect, which are bytes while all could-be bytes are: between writer and readers, and between readers of one conversion.</summary>
    private static IEnumerable<IReadOnlyList<NodeProto>> Connected(OnnxGraph graph, BytesState all, IReadOnlySet<NodeProto> nodes)
    {
        var members = graph.Nodes.Where(nodes.Contains).ToArray();
        var open = new HashSet<NodeProto>(members, ReferenceEqualityComparer.Instance);
        foreach (var first in members.Where(open.Remove))
        {
            var found = new HashSet<NodeProto>([first], ReferenceEqualityComparer.Instance);
            var next = new Queue<NodeProto>([first]);
            while (next.TryDequeue(out var node))
            {
                foreach (var neighbour in BytesState.Inputs(node).Concat(all.Outputs(node)).SelectMany(Sharing).Where(open.Remove))
                {
                    found.Add(neighbour);
                    next.Enqueue(neighbour);
                }
            }

            yield return [.. members.Where(found.Contains)];
        }

        IEnumerable<NodeProto> Sharing(string value) =>
            graph.Consumers(value).Where(all.ReadsBytes).Select(use => use.Node).Concat(all.Writer(value) is { } writer ? [writer] : []);
    }
}
