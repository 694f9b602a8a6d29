namespace ModelBuildTasks.Tests.Emulation;

/// <summary>What Linux says of an arm64 processor in /proc/cpuinfo.</summary>
/// <param name="Part">The part number in MIDR_EL1, by which programs tell Arm's cores apart.</param>
/// <param name="Features">The names of its instruction set extensions.</param>
internal sealed record Arm64Description(string Part, string Features)
{
    /// <summary>The file of a machine with so many of these processors.</summary>
    public string ToText(int processors) => string.Concat(Enumerable.Range(0, processors).Select(processor =>
        $"""
        processor	: {processor}
        BogoMIPS	: 100.00
        Features	: {Features}
        CPU implementer	: 0x41
        CPU architecture: 8
        CPU variant	: 0x0
        CPU part	: {Part}
        CPU revision	: 3


        """));
}
