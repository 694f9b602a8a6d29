namespace ModelBuildTasks.Compression.Devices;

/// <summary>What a target processor runs best; part of the compression key.</summary>
/// <param name="Name">How the report and the Device metadata call it.</param>
public sealed record DeviceProfile(string Name)
{
    /// <summary>
    /// Unsigned 8-bit activations (asymmetric) and signed 8-bit weights (symmetric, per-channel): what x64 and arm64 both run. Signed activations would be rewritten by an x64
    /// session, but not where they have two readers, and then nothing fuses.
    /// </summary>
    public static DeviceProfile Cpu { get; } = new("cpu");
}
