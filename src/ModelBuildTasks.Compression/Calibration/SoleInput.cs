using ModelBuildTasks.Compression.Execution;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>The one input of a model that is filled by data without names: its only one, or the only one beside states and optional ones.</summary>
/// <param name="Input">The input.</param>
/// <param name="States">The states.</param>
internal sealed record SoleInput(ModelPort Input, IReadOnlyList<StatePair> States)
{
    /// <summary>Null where several inputs are neither states nor optional.</summary>
    public static SoleInput? Of(ModelPorts ports)
    {
        if (ports.Inputs.Count == 1)
        {
            return new SoleInput(ports.Inputs[0], []);
        }

        var states = StatePairs.ByName(ports, new HashSet<string>());
        var others = ports.Inputs.Where(input => !input.IsOptional && states.All(state => state.Input != input)).ToArray();
        return others.Length == 1 ? new SoleInput(others[0], states) : null;
    }
}
