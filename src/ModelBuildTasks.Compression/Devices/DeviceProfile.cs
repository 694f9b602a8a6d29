namespace ModelBuildTasks.Compression.Devices;

/// <summary>What a target processor runs best; part of the compression key.</summary>
/// <param name="Name">How the report and the Device metadata call it.</param>
public sealed record DeviceProfile(string Name)
{
    /// <summary>
    /// Signed 8-bit activations (asymmetric) and weights (symmetric, per-channel): x64 sessions rewrite the activations to unsigned at load at no cost, arm64 runs them as they are.
    /// </summary>
    public static DeviceProfile Cpu { get; } = new("cpu");
}
