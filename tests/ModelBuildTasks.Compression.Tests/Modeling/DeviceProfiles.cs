using ModelBuildTasks.Compression.Devices;

namespace ModelBuildTasks.Compression.Tests.Modeling;

/// <summary>Device profiles that tests compare.</summary>
internal static class DeviceProfiles
{
    /// <summary>Weights over the whole range of bytes: for what was computed by hand, and for processors whose products are wide.</summary>
    public static DeviceProfile FullRange { get; } = new() { Name = "full-range" };

    /// <summary>Signed activations, as arm64 wants them.</summary>
    public static DeviceProfile Signed { get; } = new() { Name = "signed", Activations = NumericFormat.Int8 };
}
