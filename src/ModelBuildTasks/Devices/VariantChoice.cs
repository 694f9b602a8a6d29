using ModelBuildTasks.Compression;
using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Diagnostics;

namespace ModelBuildTasks.Devices;

/// <summary>
/// Tells which variants of a model a build embeds: one where the processor is known; else one for each profile that it may meet, of which the generated accessor picks at run time.
/// </summary>
/// <param name="profiles">All device profiles.</param>
/// <param name="target">What the project is built for.</param>
/// <param name="graph">The runtime identifiers.</param>
internal sealed class VariantChoice(IReadOnlyList<BuildProfile> profiles, BuildTarget target, RuntimeIdentifierGraph graph)
{
    /// <summary>The variants of a model, at least one; the first one is for processors that none of them names.</summary>
    /// <param name="request">The model.</param>
    /// <param name="device">The Device metadata: "auto" or a profile's name.</param>
    /// <param name="problems">Gets an unknown name.</param>
    public IReadOnlyList<ModelVariant> Of(CompressionRequest request, string device, List<ItemProblem> problems)
    {
        if (device.Length > 0 && !IsSame(device, "auto"))
        {
            if (profiles.FirstOrDefault(profile => IsSame(profile.Device.Name, device)) is { } named)
            {
                return [new(named, [])];
            }

            problems.Add(new ItemProblem(
                DiagnosticCodes.MetadataValueUnknown,
                null,
                $"AiModel '{request.Name}': Device=\"{device}\" is no device profile. Allowed values: auto, {string.Join(", ", profiles.Select(profile => profile.Device.Name))}; or add an AiDeviceProfile item of that name."));
        }

        var met = Met();
        // Where the processor is not known, the ports of a model of integers only must have one type all the same.
        if (request.IntegerOnly && met.Count > 1)
        {
            met = [For("any")];
        }

        // What no profile can change is made once.
        return IsTheSameEverywhere(request, met) ? [new(met[0], [])] : Distinct(met);
    }

    /// <summary>The profiles that a build may meet, the one for unknown processors first.</summary>
    private List<BuildProfile> Met()
    {
        if (target.RuntimeIdentifier.Length > 0)
        {
            return [Knowing(For(target.RuntimeIdentifier), target.RuntimeIdentifier)];
        }

        if (target.RuntimeIdentifiers.Count > 0)
        {
            return WithVnni(target.RuntimeIdentifiers.Select(For));
        }

        return target.IsApplication
            ? [For(target.HostRuntimeIdentifier)]
            : WithVnni([For("any"), .. profiles.Where(profile => profile.IsForAnySystem && !profile.NeedsVnni)]);
    }

    // Of a profile for any processor the identifier tells more: whether the build host can time it.
    private static BuildProfile Knowing(BuildProfile profile, string runtimeIdentifier) => profile.Device.Architectures.Count > 0
        ? profile
        : profile with { Device = profile.Device with { Architectures = ProfileParser.ArchitecturesOf(runtimeIdentifier) } };

    private BuildProfile For(string runtimeIdentifier)
    {
        foreach (var identifier in graph.Expand(runtimeIdentifier))
        {
            // Later items are the project's own.
            if (profiles.LastOrDefault(profile => !profile.NeedsVnni && (IsSame(profile.Device.Name, identifier) || profile.RuntimeIdentifiers.Contains(identifier, StringComparer.OrdinalIgnoreCase))) is { } nearest)
            {
                return nearest;
            }
        }

        throw new CompressionException(
            DiagnosticCodes.NoDeviceProfile,
            null,
            $"No device profile is for the runtime identifier '{runtimeIdentifier}'. Add an AiDeviceProfile item with RuntimeIdentifiers=\"{runtimeIdentifier}\", or set Device on the AiModel items to a profile's name.");
    }

    // An identifier does not tell whether a processor has VNNI: where several variants are embedded, the one that needs it is among them.
    private List<BuildProfile> WithVnni(IEnumerable<BuildProfile> chosen)
    {
        // By name: comparing whole profiles would hash their cost tables.
        List<BuildProfile> all = [.. chosen.DistinctBy(profile => profile.Device.Name)];
        if (!target.TellsVnni)
        {
            return all;
        }

        all.AddRange(profiles.Where(profile => profile.NeedsVnni && profile.IsForAnySystem && all.Exists(other => other.Device.Architectures.Intersect(profile.Device.Architectures).Any())).ToArray());
        return all;
    }

    private static IReadOnlyList<ModelVariant> Distinct(List<BuildProfile> met)
    {
        var groups = met.GroupBy(profile => profile.Content).ToArray();
        return groups.Length == 1
            ? [new(met[0], [])]
            : [.. groups.Select(group => new ModelVariant(NamingProfile(group), [.. group.SelectMany(profile => profile.Processors).Distinct()]))];
    }

    // "x64" says more than "cpu", which has the same content.
    private static BuildProfile NamingProfile(IEnumerable<BuildProfile> group) => group.FirstOrDefault(profile => profile.IsForAnySystem) ?? group.First();

    private static bool IsTheSameEverywhere(CompressionRequest request, List<BuildProfile> met) =>
        request.Quantize == QuantizationMode.None
        || (met.TrueForAll(profile => profile.Device.Weights == NumericFormat.Int8) && (request.Quantize == QuantizationMode.Int8Weights || (request.Quantize == QuantizationMode.Int8 && request.Calibration.Count == 0 && request.Ranges is null)));

    private static bool IsSame(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);
}
