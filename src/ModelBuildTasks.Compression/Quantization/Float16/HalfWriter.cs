using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Quantization.Float16;

/// <summary>
/// Writes a plan into its graph. A value that becomes float16 gets a new name; where anybody reads it as float (another operator, a subgraph, an output of the graph) one Cast writes the old name. A float value is cast
/// once for all nodes that read it as float16.
/// </summary>
internal sealed class HalfWriter(HalfPlan plan, ValueTypes types, int opset, HalfConstants constants)
{
    private readonly OnnxGraph graph = plan.Graph;
    private readonly Dictionary<string, string> halves = [];
    private readonly List<string> written = [];

    public void Write()
    {
        foreach (var node in plan.Nodes)
        {
            var form = HalfOperators.Form(node, opset)!;
            foreach (var input in form.InputsOf(node).ToArray())
            {
                graph.SetInput(node, input, Half(node.Input[input]));
            }

            foreach (var output in form.OutputsOf(node).ToArray())
            {
                var value = node.Output[output];
                written.Add(value);
                halves.Add(value, graph.UniqueName(ValueNames.Stem(value) + "_h"));
                graph.SetOutput(node, output, halves[value]);
            }
        }

        written.ForEach(Restore);
    }

    private void Restore(string value)
    {
        // A Cast takes every type.
        foreach (var reader in graph.Consumers(value).Where(reader => reader.Index == 0 && reader.Node.IsStandard("Cast")))
        {
            graph.SetInput(reader.Node, 0, halves[value]);
        }

        if (graph.IsGraphOutput(value) || graph.Consumers(value).Count > 0)
        {
            graph.Add(NewNode.Of("Cast", [halves[value]], value).With("to", (long)DataType.Float));
        }
    }

    private string Half(string value)
    {
        if (!halves.TryGetValue(value, out var half))
        {
            halves.Add(value, half = graph.Constant(value) is not null ? constants.Add(value, graph) : Cast(value));
        }

        return half;
    }

    private string Cast(string value)
    {
        var source = value;
        if (graph.Producer(value) is { } producer && producer.IsStandard("Cast"))
        {
            // Cast from where it came from, in one step.
            switch (types.Of(producer.Input[0]))
            {
                case DataType.Float16:
                    return producer.Input[0];
                case DataType.Float:
                    return Half(producer.Input[0]);
                case null or DataType.String:
                    break;
                default:
                    source = producer.Input[0];
                    break;
            }
        }

        var half = graph.UniqueName(ValueNames.Stem(value) + "_h");
        graph.Add(NewNode.Of("Cast", [source], half).With("to", (long)DataType.Float16));
        return half;
    }
}
