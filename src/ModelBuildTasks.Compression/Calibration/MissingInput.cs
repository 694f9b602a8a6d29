using ModelBuildTasks.Compression.Execution;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>The states among the inputs that a file does not give, and the first input that is neither.</summary>
/// <param name="States">The states.</param>
/// <param name="Input">The input that lacks data, or null where none does.</param>
/// <param name="Reason">Why it is no state, to end a clause with; empty where the file gives no input at all.</param>
internal sealed record MissingInput(IReadOnlyList<StatePair> States, ModelPort? Input, string Reason)
{
    /// <param name="ports">The model's inputs and outputs.</param>
    /// <param name="given">The names of what is given. An optional input may be left out where anything is.</param>
    public static MissingInput Of(ModelPorts ports, IEnumerable<string> given)
    {
        var names = given.ToHashSet(StringComparer.Ordinal);
        var givesAny = ports.Inputs.Any(input => names.Contains(input.Name));
        IReadOnlyList<StatePair> states = givesAny ? StatePairs.Of(ports, names) : [];
        var missing = ports.Inputs.FirstOrDefault(input => !names.Contains(input.Name) && !(givesAny && input.IsOptional) && states.All(state => state.Input.Name != input.Name));
        return new MissingInput(states, missing, missing is null || !givesAny ? "" : $", and {WhyNoState(missing, ports, states)}");
    }

    private static string WhyNoState(ModelPort input, ModelPorts ports, IReadOnlyList<StatePair> states)
    {
        var considered = StatePairs.Considered(input, [.. ports.Outputs.Where(output => states.All(state => state.Output.Name != output.Name))]);
        return considered.Count == 0
            ? "it is no state, because no output has its type and shape"
            : $"neither names nor order tell that it is a state whose next value is {string.Join(" or ", considered.Select(output => $"'{output.Name}'"))}";
    }
}
