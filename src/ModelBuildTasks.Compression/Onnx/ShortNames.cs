namespace ModelBuildTasks.Compression.Onnx;

/// <summary>
/// Leaves out of a model what only people read: names of nodes, long names of values, types that follow from others, documentation. In a model of a few hundred kilobytes they are a good part of the file. What an
/// application sees stays: inputs and outputs of the main graph, and the metadata of the model.
/// </summary>
internal sealed class ShortNames
{
    private const string Digits = "0123456789abcdefghijklmnopqrstuvwxyz";

    private readonly Dictionary<string, string> names;
    private readonly HashSet<string> kept;
    private int next;

    private ShortNames(GraphProto main)
    {
        kept = [.. main.Input.Concat(main.Output).Select(value => value.Name), ""];
        names = kept.ToDictionary(name => name);
    }

    /// <summary>A copy of a model with short names; its tensors share their bytes with the model.</summary>
    public static ModelProto Of(ModelProto model)
    {
        var copy = model.Clone();
        copy.ClearDocString();
        if (copy.TrainingInfo.Count == 0 && copy.Configuration.Count == 0)
        {
            // Only these two speak of values elsewhere than in graphs.
            new ShortNames(copy.Graph).Shorten(copy.Graph);
        }

        return copy;
    }

    // One name becomes one name wherever it stands, so that whatever a name means in a subgraph, it means afterwards.
    private void Shorten(GraphProto graph)
    {
        graph.ClearDocString();
        graph.ValueInfo.Clear();
        graph.QuantizationAnnotation.Clear();
        graph.MetadataProps.Clear();
        foreach (var value in graph.Input.Concat(graph.Output))
        {
            value.Name = Short(value.Name);
            value.ClearDocString();
            value.MetadataProps.Clear();
        }

        foreach (var tensor in graph.Initializer.Concat(graph.SparseInitializer.Select(sparse => sparse.Values)).OfType<TensorProto>())
        {
            tensor.Name = Short(tensor.Name);
            tensor.ClearDocString();
            tensor.MetadataProps.Clear();
        }

        foreach (var node in graph.Node)
        {
            Shorten(node);
        }
    }

    private void Shorten(NodeProto node)
    {
        node.ClearName();
        node.ClearDocString();
        node.MetadataProps.Clear();
        for (var index = 0; index < node.Input.Count; index++)
        {
            node.Input[index] = Short(node.Input[index]);
        }

        for (var index = 0; index < node.Output.Count; index++)
        {
            node.Output[index] = Short(node.Output[index]);
        }

        foreach (var attribute in node.Attribute)
        {
            attribute.ClearDocString();
            // A Constant node's value is called like its output.
            attribute.T?.ClearName();
            attribute.T?.ClearDocString();
        }

        foreach (var inner in Subgraphs.Of(node))
        {
            inner.Name = "g";
            Shorten(inner);
        }
    }

    private string Short(string name)
    {
        if (names.TryGetValue(name, out var known))
        {
            return known;
        }

        string made;
        do
        {
            made = Number(next++);
        }
        while (kept.Contains(made));
        names.Add(name, made);
        return made;
    }

    private static string Number(int number) => number < Digits.Length ? Digits[number..(number + 1)] : Number((number / Digits.Length) - 1) + Digits[number % Digits.Length];
}
