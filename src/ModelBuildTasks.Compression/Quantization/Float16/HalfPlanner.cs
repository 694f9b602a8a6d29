using System.Globalization;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Quantization.Float16;

/// <summary>Decides which nodes of one graph compute in float16: those that can and that a layer which does is connected with through others that do.</summary>
internal sealed class HalfPlanner
{
    /// <summary>Half of the largest float16: calibration samples are not all that an application will see.</summary>
    private const float LargestActivation = 65504 / 2f;

    private const string Unconnected = "no layer in float16 gives it its input or takes its result";

    private readonly OnnxGraph graph;
    private readonly ValueTypes types;
    private readonly int opset;
    private readonly IReadOnlyDictionary<string, ValueRange> ranges;
    private readonly IReadOnlyList<string> keepFloat;
    private readonly HalfConstants constants;
    private readonly HashSet<NodeProto> able = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<NodeProto, string> whyFloat = new(ReferenceEqualityComparer.Instance);

    private HalfPlanner(OnnxGraph graph, ValueTypes types, int opset, IReadOnlyDictionary<string, ValueRange> ranges, IReadOnlyList<string> keepFloat, HalfConstants constants)
    {
        this.graph = graph;
        this.types = types;
        this.opset = opset;
        this.ranges = ranges;
        this.keepFloat = keepFloat;
        this.constants = constants;
        foreach (var node in graph.Nodes)
        {
            if (WhyNot(node) is { } reason)
            {
                whyFloat.Add(node, reason);
            }
            else
            {
                able.Add(node);
            }
        }
    }

    /// <param name="graph">The graph.</param>
    /// <param name="types">The types of its values.</param>
    /// <param name="opset">The version of the default operator set.</param>
    /// <param name="ranges">What calibration observed of its values; empty where it observed none.</param>
    /// <param name="keepFloat">Patterns of nodes that stay float.</param>
    /// <param name="constants">Tells which constants have a float16 form.</param>
    public static HalfPlan Plan(OnnxGraph graph, ValueTypes types, int opset, IReadOnlyDictionary<string, ValueRange> ranges, IReadOnlyList<string> keepFloat, HalfConstants constants)
    {
        var planner = new HalfPlanner(graph, types, opset, ranges, keepFloat, constants);
        var connected = planner.Connected();
        foreach (var node in planner.able.Where(node => !connected.Contains(node)))
        {
            planner.whyFloat.Add(node, Unconnected);
        }

        return new(graph, [.. graph.Nodes.Where(connected.Contains)], planner.whyFloat);
    }

    private HashSet<NodeProto> Connected()
    {
        var connected = new HashSet<NodeProto>(able.Where(node => node.IsLayer(graph)), ReferenceEqualityComparer.Instance);
        var waiting = new Queue<NodeProto>(connected);
        while (waiting.TryDequeue(out var node))
        {
            foreach (var neighbour in Neighbours(node).Where(able.Contains))
            {
                if (connected.Add(neighbour))
                {
                    waiting.Enqueue(neighbour);
                }
            }
        }

        return connected;
    }

    private IEnumerable<NodeProto> Neighbours(NodeProto node)
    {
        var form = Form(node)!;
        var producers = form.InputsOf(node).Select(input => graph.Producer(node.Input[input])).OfType<NodeProto>();
        var readers = form.OutputsOf(node).SelectMany(output => graph.Consumers(node.Output[output])).Where(use => Form(use.Node)?.InputsOf(use.Node).Contains(use.Index) == true).Select(use => use.Node);
        return producers.Concat(readers);
    }

    private HalfForm? Form(NodeProto node) => HalfOperators.Form(node, opset);

    private string? WhyNot(NodeProto node)
    {
        if (NodePatterns.Match(keepFloat, node.DisplayName()))
        {
            return Reasons.KeptFloat;
        }

        if (Form(node) is not { } form)
        {
            return HalfOperators.WhyFloat(node, opset);
        }

        var values = form.InputsOf(node).Select(input => node.Input[input]).Concat(form.OutputsOf(node).Select(output => node.Output[output]));
        return WhyNotFloat(form.InputsOf(node).Select(input => node.Input[input])) ?? WhyNotHere(node)
            ?? form.InputsOf(node).Select(input => WhyNoConstant(node.Input[input])).FirstOrDefault(reason => reason is not null)
            ?? values.Select(WhyTooLarge).FirstOrDefault(reason => reason is not null);
    }

    private string? WhyNotFloat(IEnumerable<string> inputs) => inputs.Select(input => types.Of(input) switch
    {
        DataType.Float => graph.IsSparse(input) ? $"its weight '{input}' is sparse" : null,
        null => $"the type of its input '{input}' is not known",
        var type => $"its input '{input}' is {type}",
    }).FirstOrDefault(reason => reason is not null);

    private string? WhyNotHere(NodeProto node) => node.OpType switch
    {
        "Div" when graph.Constant(node.Input[1]) is null => "a small divisor takes its result out of the range of float16",
        "Mul" when node.Input[0] == node.Input[1] => "a square leaves the range of float16 from 256 on",
        // The conversion in front costs what the one behind would.
        "Softmax" or "LogSoftmax" when graph.IsGraphOutput(node.Output[0]) || graph.Consumers(node.Output[0]).Any(use => use.Node.IsStandard("Log")) => "its small shares would become 0",
        _ => null,
    };

    // What is infinite as float is so as float16.
    private string? WhyTooLarge(string value) => ranges.TryGetValue(value, out var range) && ((float[])[range.Minimum, range.Maximum]).Where(float.IsFinite).Select(Math.Abs).DefaultIfEmpty().Max() is var reached && reached > LargestActivation
        ? string.Create(CultureInfo.InvariantCulture, $"'{value}' reaches {reached:G3} on the calibration samples, beyond half of the 65504 of float16")
        : null;

    private string? WhyNoConstant(string input) => graph.Constant(input) is { } tensor ? constants.WhyNot(input, tensor) : null;
}
