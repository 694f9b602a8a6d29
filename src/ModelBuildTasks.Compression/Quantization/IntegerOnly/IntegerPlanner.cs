using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Quantization.IntegerOnly;

/// <summary>Plans a graph in which every float value is stored as bytes, or names what prevents it.</summary>
internal sealed class IntegerPlanner
{
    private readonly OnnxGraph graph;
    private readonly IReadOnlyDictionary<string, ValueRange> ranges;
    private readonly IReadOnlyDictionary<NodeProto, string> operators;
    private readonly IReadOnlyList<string> keepFloat;
    private readonly IntegerRules rules;
    private readonly LayerRules layerRules;
    private readonly ValueTypes types;
    private readonly List<NodeProto> layers = [];
    private readonly List<NodeProto> connectors = [];
    private readonly Dictionary<NodeProto, NodeProto> absorbed = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<NodeProto> takenOut = new(ReferenceEqualityComparer.Instance);
    private readonly List<Obstacle> obstacles = [];
    private readonly List<QuantizedActivation> activations = [];
    private readonly Dictionary<string, ActivationParameters> parameters = [];

    private IntegerPlanner(OnnxGraph graph, int opset, ActivationRanges observed, IReadOnlyDictionary<NodeProto, string> operators, IReadOnlyList<string> keepFloat)
    {
        this.graph = graph;
        this.operators = operators;
        this.keepFloat = keepFloat;
        ranges = observed.Ranges;
        rules = new IntegerRules(graph, opset);
        layerRules = new LayerRules(graph, new ValueShapes(graph, observed.Ranks), opset, ranges);
        types = new ValueTypes(graph);
    }

    /// <param name="model">The model, for the error.</param>
    /// <param name="graph">Its graph, in the forms of <see cref="GemmForms"/> and <see cref="IntegerForms"/>.</param>
    /// <param name="observed">What was observed of every activation.</param>
    /// <param name="operators">What the nodes were before these forms, for the error.</param>
    /// <param name="keepFloat">Patterns of nodes that stay float, which none can here.</param>
    /// <exception cref="Diagnostics.CompressionException">AIM1010: operators that have to be float.</exception>
    public static QuantizationPlan Plan(OnnxModel model, OnnxGraph graph, ActivationRanges observed, IReadOnlyDictionary<NodeProto, string> operators, IReadOnlyList<string> keepFloat)
    {
        var planner = new IntegerPlanner(graph, model.Opset, observed, operators, keepFloat);
        planner.CheckPorts();
        foreach (var node in graph.Nodes.Where(node => !node.IsConstant() && !planner.takenOut.Contains(node) && planner.types.ComputesInFloat(node) && !planner.IsTurnedWeight(node)))
        {
            planner.Take(node);
        }

        if (planner.obstacles.Count == 0)
        {
            planner.Parametrize();
        }

        return planner.obstacles.Count > 0
            ? throw Obstacle.Error(model, planner.obstacles)
            : new QuantizationPlan([.. planner.layers.Select(LayerDecision.Int8)], planner.connectors, planner.absorbed, new Dictionary<NodeProto, string>(), planner.activations, [], 0);
    }

    private void CheckPorts()
    {
        foreach (var input in graph.Proto.Input.Where(input => types.MayBeFloat(input.Name)))
        {
            if (types.Of(input.Name) != DataType.Float)
            {
                obstacles.Add(new Obstacle("input", input.Name, types.Of(input.Name) is { } type ? $"it is {type}" : "it is no tensor"));
            }
            else if (graph.Proto.Initializer.Any(tensor => tensor.Name == input.Name))
            {
                if (graph.Constant(input.Name) is null)
                {
                    obstacles.Add(new Obstacle("input", input.Name, "it has a default value"));
                }
            }
            else if (!HasRange(input.Name))
            {
                obstacles.Add(new Obstacle("input", input.Name, "its range is not known or not finite"));
            }
        }

        obstacles.AddRange(graph.Proto.Output.Where(output => types.MayBeFloat(output.Name) && graph.Producer(output.Name) is null or { OpType: "Constant" }).Select(output => new Obstacle("output", output.Name, "it is constant or an input")));
    }

    // It turns a weight's bytes, once.
    private bool IsTurnedWeight(NodeProto node) => Layers.Source(node.Output[0], graph) is { IsTransposed: true }
        && graph.Consumers(node.Output[0]) is { Count: > 0 } readers && readers.All(reader => reader.Index == 1 && reader.Node.OpType is "Gemm" or "MatMul");

    private void Take(NodeProto node)
    {
        if (WhyNot(node) is { } reason)
        {
            AddObstacle(node, reason);
            return;
        }

        if (IsLayer(node))
        {
            layers.Add(node);
        }
        else
        {
            connectors.Add(node);
            if (rules.Kind(node) is not (IntegerKind.Rescaler or IntegerKind.Table))
            {
                return;
            }
        }

        if (node.OpType != "Softmax" && Absorption.Of(node.Output[0], graph) is { } clip && !NodePatterns.Match(keepFloat, clip.DisplayName()) && HasRange(clip.Output[0]))
        {
            absorbed.Add(node, clip);
            takenOut.Add(clip);
        }
        else if (node.OpType != "Softmax" && !HasRange(node.Output[0]))
        {
            AddObstacle(node, $"the range of its output '{node.Output[0]}' is not known or not finite");
        }
    }

    private string? WhyNot(NodeProto node) =>
        NodePatterns.Match(keepFloat, node.DisplayName()) ? Reasons.KeptFloat
        : graph.Inner(node).Any() ? "it computes in float, or its subgraphs do, where activations are not calibrated"
        : node.Input.Concat(node.Output).FirstOrDefault(value => types.Of(value) is { } type && type != DataType.Float && FloatConversion.IsKnown(type)) is { } wide ? $"'{wide}' is {types.Of(wide)}"
        : IsLayer(node) ? null
        : node.IsStandard() && node.OpType is "Conv" or "Gemm" ? layerRules.WhyNotInteger(node)
        : node.IsStandard() && node.OpType is "ConvTranspose" or "LSTM" or "GRU" or "RNN" ? layerRules.WhyNotInt8(node)
        : rules.WhyNot(node);

    // A product with a constant that is no weight of a layer computes as one of two activations.
    private bool IsLayer(NodeProto node) => node.IsStandard() && node.OpType is "Conv" or "Gemm" or "MatMul" && layerRules.WhyNotInteger(node) is null;

    private bool HasRange(string value) => ranges.TryGetValue(value, out var range) && float.IsFinite(range.Minimum) && float.IsFinite(range.Maximum);

    private void Parametrize()
    {
        var initializers = graph.Proto.Initializer.Select(tensor => tensor.Name).ToHashSet();
        foreach (var input in graph.Proto.Input.Where(input => types.MayBeFloat(input.Name) && !initializers.Contains(input.Name)))
        {
            Add(input.Name, ActivationParameters.FromRange(ranges[input.Name]), fromInt8: false);
        }

        var members = new HashSet<NodeProto>(layers.Concat(connectors), ReferenceEqualityComparer.Instance);
        foreach (var node in graph.Nodes.Where(members.Contains))
        {
            var kind = IsLayer(node) ? IntegerKind.Rescaler : rules.Kind(node);
            if (kind is IntegerKind.Mover or IntegerKind.Clip)
            {
                var kept = ParametersOf(node.Input[0]);
                CheckPadding(node, kept);
                foreach (var output in node.Output)
                {
                    Add(output, kept, fromInt8: true);
                }
            }
            else if (kind != IntegerKind.Reader)
            {
                var output = absorbed.TryGetValue(node, out var clip) ? clip.Output[0] : node.Output[0];
                Add(output, node.OpType == "Softmax" ? ActivationParameters.OfShares : ActivationParameters.FromRange(ranges[output]), fromInt8: true);
            }
        }
    }

    private void CheckPadding(NodeProto node, ActivationParameters kept)
    {
        if (node.OpType == "Pad" && node.InputOrEmpty(2) is { Length: > 0 } name && graph.Constant(name)!.Singles()[0] is var padding && float.IsFinite(padding)
            && Math.Round(padding / kept.Scale) + kept.ZeroPoint is < byte.MinValue or > byte.MaxValue)
        {
            AddObstacle(node, "its padding lies outside the range of its input");
        }
    }

    private ActivationParameters ParametersOf(string value) => graph.Constant(value) is { } constant ? ActivationParameters.FromRange(ConstantRange.Of(constant)!.Value) : parameters[value];

    private void AddObstacle(NodeProto node, string reason) => obstacles.Add(new Obstacle(operators.GetValueOrDefault(node, node.OpType), node.DisplayName(), reason));

    private void Add(string value, ActivationParameters chosen, bool fromInt8)
    {
        parameters.Add(value, chosen);
        activations.Add(new QuantizedActivation(value, chosen, fromInt8, value));
    }
}
