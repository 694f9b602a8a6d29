namespace ModelBuildTasks.Devices;

/// <summary>One of the forms in which a model is embedded.</summary>
/// <param name="Profile">The device profile that names it.</param>
/// <param name="Processors">For which processors the generated accessor chooses it: "x64", "x64+vnni". Empty where there is no choice.</param>
internal sealed record ModelVariant(BuildProfile Profile, IReadOnlyList<string> Processors);
