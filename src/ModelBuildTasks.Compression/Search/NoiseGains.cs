using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Search;

/// <summary>
/// How much of the relative error of each value arrives at a model's outputs, to first order: errors are taken for independent noise, which operators amplify as they amplify their signal. A sum mixes it with the
/// signals of its other terms, so that a small branch beside a large one matters little.
/// </summary>
internal static class NoiseGains
{
    /// <summary>A mean over many positions evens out what is noise, but not what is a bias.</summary>
    private const double OfMean = 0.25;

    /// <summary>The gain of each value: its noise-to-signal ratio times this is its share of the outputs' ratio.</summary>
    /// <param name="graph">The float graph.</param>
    /// <param name="energies">Σ x² of values; those that are missing count alike.</param>
    public static IReadOnlyDictionary<string, double> Of(OnnxGraph graph, IReadOnlyDictionary<string, double> energies)
    {
        var gains = new Dictionary<string, double>(StringComparer.Ordinal);
        var outputs = graph.Proto.Output.Select(output => output.Name).Where(energies.ContainsKey).ToArray();
        var total = outputs.Sum(output => energies[output]);
        foreach (var value in graph.Nodes.Reverse().SelectMany(node => node.Output).Where(output => output.Length > 0).Concat(graph.Proto.Input.Select(input => input.Name)))
        {
            var gain = total > 0 && outputs.Contains(value) ? energies[value] / total : 0;
            foreach (var use in graph.Consumers(value))
            {
                gain += Factor(graph, use.Node, value, energies) * use.Node.Output.Sum(output => gains.GetValueOrDefault(output));
            }

            gains[value] = gain;
        }

        return gains;
    }

    /// <summary>The values whose energies decide: the terms of sums, and outputs.</summary>
    public static IEnumerable<string> Decisive(OnnxGraph graph, Func<string, bool> isFloat) => graph.Nodes
        .Where(node => node.IsStandard() && IsMix(node)).SelectMany(node => node.Input.Where(input => graph.Constant(input) is null).Concat(node.Output))
        .Concat(graph.Proto.Output.Select(output => output.Name)).Where(value => value.Length > 0 && isFloat(value)).Distinct(StringComparer.Ordinal);

    private static bool IsMix(NodeProto node) => node.OpType is "Add" or "Sub" or "Sum" or "Concat";

    private static double Factor(OnnxGraph graph, NodeProto node, string value, IReadOnlyDictionary<string, double> energies) => !node.IsStandard() ? 1
        : IsMix(node) ? energies.TryGetValue(value, out var term) && energies.TryGetValue(node.Output[0], out var sum) && sum > 0 ? term / sum : 1
        // Of two factors one is often computed from the other, as in gates: with both counted in full, the gain would grow without bound in deep networks.
        : node.OpType is "Mul" or "MatMul" or "Div" ? 1.0 / Math.Max(1, node.Input.Count(input => graph.Constant(input) is null))
        : node.OpType is "GlobalAveragePool" or "ReduceMean" ? OfMean
        : 1;
}
