using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Diagnostics;

namespace ModelBuildTasks.Devices;

/// <summary>An AiDeviceProfile item, read and valid.</summary>
/// <param name="Device">What its processors run best.</param>
/// <param name="RuntimeIdentifiers">The identifiers it is for, with all that descend from them unless another profile is nearer.</param>
/// <param name="IsForAnySystem">Whether it is for all processors of its architectures, whatever the operating system: a library without an identifier embeds these.</param>
/// <param name="NeedsVnni">Whether only processors with VNNI are of this kind: never chosen by an identifier alone, which says nothing of it.</param>
/// <param name="CostsPath">Its cost table; null has no opinion about speed.</param>
/// <param name="OnnxRuntime">The oldest ONNX Runtime that its devices have ("1.20"); null is the one that the project references.</param>
internal sealed record BuildProfile(DeviceProfile Device, IReadOnlyList<string> RuntimeIdentifiers, bool IsForAnySystem, bool NeedsVnni, string? CostsPath, Version? OnnxRuntime)
{
    /// <summary>Everything that decides bytes: profiles that agree in it share one variant.</summary>
    /// <exception cref="CompressionException">AIM1207: the cost table cannot be read.</exception>
    public string Content => $"{Device.Identity} {OnnxRuntime} {Costs()}";

    /// <summary>The processors that the generated accessor gives this variant: "x64", "x64+vnni".</summary>
    public IEnumerable<string> Processors
    {
        get
        {
            foreach (var architecture in Device.Architectures)
            {
                yield return NeedsVnni ? architecture + "+vnni" : architecture;
            }
        }
    }

    // As text and not as a hash: the files have a few thousand characters, and an up-to-date build would compile the hashing for them.
    private string Costs()
    {
        try
        {
            return CostsPath is null ? "" : File.ReadAllText(CostsPath);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CompressionException(DiagnosticCodes.CostTableInvalid, CostsPath, $"The cost table '{CostsPath}' cannot be read ({exception.Message}). Grant access to it, or remove Costs from the AiDeviceProfile item.", exception);
        }
    }
}
