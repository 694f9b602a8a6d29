using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace Benchmarks.Formats;

/// <summary>The devices the table can be made for.</summary>
internal static class TableDevice
{
    private const string Vnni = "x64-vnni";

    /// <summary>The profile of a name: every processor, or x64 with VNNI, where no pair saturates and bytes are faster.</summary>
    /// <exception cref="ArgumentException">The name is neither.</exception>
    public static DeviceProfile Of(string name) => name switch
    {
        _ when name == DeviceProfile.Cpu.Name => DeviceProfile.Cpu,
        Vnni => new DeviceProfile { Name = Vnni, PairBound = false, Costs = CostTable.Load(Repository.File("build", "costs", "x64-vnni.json")) },
        _ => throw new ArgumentException($"There is no device '{name}': {DeviceProfile.Cpu.Name} and {Vnni} are.", nameof(name)),
    };
}
