using ModelBuildTasks.Compression.Devices;

namespace ModelBuildTasks.Compression.Tests.Modeling;

/// <summary>Device profiles that tests compare.</summary>
internal static class DeviceProfiles
{
    /// <summary>Everything that can compute on bytes does: for tests of how that is written, not of what is faster.</summary>
    public static DeviceProfile WithoutCosts { get; } = DeviceProfile.Cpu with { Costs = CostTable.None };

    /// <summary>Weights over the whole range of bytes: for what was computed by hand, and for processors whose products are wide.</summary>
    public static DeviceProfile FullRange { get; } = new() { Name = "full-range" };

    /// <summary>Signed activations, as arm64 wants them.</summary>
    public static DeviceProfile Signed { get; } = new() { Name = "signed", Activations = NumericFormat.Int8 };

    /// <summary>Float16 for weights and activations, as GPUs want it.</summary>
    public static DeviceProfile Gpu { get; } = new() { Name = "gpu", Weights = NumericFormat.Float16, Activations = NumericFormat.Float16 };
}
