namespace ModelBuildTasks.Devices;

/// <summary>What a project is built for.</summary>
/// <param name="RuntimeIdentifier">Empty in a plain build.</param>
/// <param name="RuntimeIdentifiers">All that the project may be published for; empty where it does not say.</param>
/// <param name="IsApplication">Whether it makes a program; a library does not know where it will run.</param>
/// <param name="HostRuntimeIdentifier">The SDK's own.</param>
internal sealed record BuildTarget(string RuntimeIdentifier, IReadOnlyList<string> RuntimeIdentifiers, bool IsApplication, string HostRuntimeIdentifier)
{
    /// <summary>Whether the generated accessor can ask for VNNI: .NET has CPUID, and older frameworks would embed a variant that nothing chooses.</summary>
    public bool TellsVnni { get; init; } = true;
}
