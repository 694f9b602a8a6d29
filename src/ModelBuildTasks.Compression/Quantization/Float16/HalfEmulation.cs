using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Quantization.Float16;

/// <summary>
/// Makes a model in float16 compute in float with every result rounded to float16, as kernels do that add up in more than 16 bits. ONNX Runtime's CPU provider (1.31.1) has few float16 kernels: it converts to float around
/// the others and then takes its conversions out again with the roundings of the model, so that on it nothing overflows that would on a GPU. Conversions that are written down stay.
/// </summary>
internal static class HalfEmulation
{
    public static void Apply(OnnxModel model)
    {
        foreach (var (graph, types) in Graphs(model.EditGraph(), null).Reverse().ToArray())
        {
            Apply(graph, types, model.Opset);
            graph.Commit();
        }
    }

    private static IEnumerable<(OnnxGraph Graph, ValueTypes Types)> Graphs(OnnxGraph graph, ValueTypes? outer)
    {
        var types = new ValueTypes(graph, outer);
        return graph.Nodes.SelectMany(graph.Inner).SelectMany(inner => Graphs(inner, types)).Prepend((graph, types));
    }

    private static void Apply(OnnxGraph graph, ValueTypes types, int opset)
    {
        var floats = new Dictionary<string, string>();
        foreach (var node in graph.Nodes)
        {
            if (HalfOperators.Form(node, opset) is not { } form || !form.InputsOf(node).Any() || !form.InputsOf(node).All(input => types.Of(node.Input[input]) == DataType.Float16))
            {
                continue;
            }

            foreach (var input in form.InputsOf(node).ToArray())
            {
                graph.SetInput(node, input, Float(node.Input[input]));
            }

            foreach (var output in form.OutputsOf(node).ToArray())
            {
                var value = node.Output[output];
                var exact = graph.UniqueName(value + "_f");
                graph.SetOutput(node, output, exact);
                graph.Add(NewNode.Of("Cast", [exact], value).With("to", (long)DataType.Float16));
            }
        }

        string Float(string value)
        {
            if (!floats.TryGetValue(value, out var name))
            {
                floats.Add(value, name = graph.UniqueName(value + "_r"));
                graph.Add(NewNode.Of("Cast", [value], name).With("to", (long)DataType.Float));
            }

            return name;
        }
    }
}
