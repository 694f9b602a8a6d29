using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Packaging;

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
    public string Content => $"{Device.Identity} {(CostsPath is null ? "" : ContentHash.OfFile(CostsPath, DiagnosticCodes.CostTableInvalid))} {OnnxRuntime}";

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
}
