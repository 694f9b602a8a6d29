namespace ModelBuildTasks.Compression.Execution;

/// <summary>Finds the states of a model among the inputs that no data gives.</summary>
internal static class StatePairs
{
    /// <summary>
    /// The states among the inputs that are not given. Input and output of a state are numeric tensors of one element type, and no two of their dimensions contradict each other. They belong together when
    /// <list type="number">
    /// <item>their names say so (<see cref="StateNames.IsNext"/>) and say so of no other pair; or</item>
    /// <item>every other input that is not given has the very shape (two or more axes) of one of the outputs left over, there are as many of these, they are in the same order, no given input has such a shape,
    /// and an output is left that is no state.</item>
    /// </list>
    /// What is given by data is no state, whatever its name is.
    /// </summary>
    public static IReadOnlyList<StatePair> Of(ModelPorts ports, IReadOnlySet<string> given)
    {
        var named = ByName(ports, given);
        var inputs = ports.Inputs.Where(input => !given.Contains(input.Name) && !input.IsOptional && !named.Any(pair => pair.Input == input)).ToArray();
        var outputs = ports.Outputs.Where(output => !named.Any(pair => pair.Output == output)).ToArray();
        return inputs.Length == 0 ? named : [.. named, .. InOrder(ports.Inputs.Where(input => given.Contains(input.Name)), inputs, outputs)];
    }

    /// <summary>The states that their names tell, among the inputs that are not given.</summary>
    public static IReadOnlyList<StatePair> ByName(ModelPorts ports, IReadOnlySet<string> given)
    {
        var candidates = ports.Inputs.Where(input => !given.Contains(input.Name))
            .SelectMany(input => ports.Outputs.Where(output => Fits(input, output) && StateNames.IsNext(input.Name, output.Name)).Select(output => (Input: input, Output: output)))
            .ToArray();
        return [.. candidates
            .Where(each => candidates.Count(other => other.Input == each.Input) == 1 && candidates.Count(other => other.Output == each.Output) == 1)
            .Select(each => Pair(each.Input, each.Output))];
    }

    /// <summary>The outputs that could be the next value of an input, were it a state.</summary>
    public static IReadOnlyList<ModelPort> Considered(ModelPort input, IReadOnlyList<ModelPort> outputs) => [.. outputs.Where(output => Fits(input, output))];

    private static StatePair[] InOrder(IEnumerable<ModelPort> given, ModelPort[] inputs, ModelPort[] outputs)
    {
        var next = Array.FindAll(outputs, output => Array.Exists(inputs, input => HasSameShape(input, output)));
        var isEvident = next.Length == inputs.Length
            && next.Length < outputs.Length
            && inputs.Zip(next).All(pair => pair.First.Shape.Length > 1 && HasSameShape(pair.First, pair.Second))
            && !given.Any(port => Array.Exists(inputs, input => HasSameShape(input, port)));
        return isEvident ? [.. inputs.Zip(next, Pair)] : [];
    }

    private static bool Fits(ModelPort input, ModelPort output) =>
        input is { IsNumeric: true, IsOptional: false } && output.IsNumeric && input.Type == output.Type
        // The runtime tells no axes where it could not infer an output's rank.
        && (output.Shape.Length == 0 || (input.Shape.Length == output.Shape.Length && input.Shape.Zip(output.Shape).All(pair => pair.First == pair.Second || pair.First < 0 || pair.Second < 0)));

    private static bool HasSameShape(ModelPort input, ModelPort output) =>
        Fits(input, output) && input.Shape.Length == output.Shape.Length && input.Shape.Zip(output.Shape).Select((pair, axis) => pair.First == pair.Second && (pair.First >= 0 || (input.Symbol(axis) is { Length: > 0 } symbol && symbol == output.Symbol(axis)))).All(same => same);

    private static StatePair Pair(ModelPort input, ModelPort output) => new(input, output, StateNames.IsPast(input.Name) ? GrowingAxis(input, output) : -1);

    // Past keys and values are [batch, heads, past, size] or [2, batch, heads, past, size]: what grows is the last dynamic axis, and where names tell more it has another name in the output.
    private static int GrowingAxis(ModelPort input, ModelPort output)
    {
        var dynamic = Enumerable.Range(1, Math.Max(0, input.Shape.Length - 1)).Where(axis => input.Shape[axis] < 0).ToArray();
        return dynamic.LastOrDefault(axis => input.Symbol(axis) != output.Symbol(axis), dynamic.LastOrDefault(-1));
    }
}
