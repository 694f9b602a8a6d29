using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Devices;

namespace ModelBuildTasks.Compression.Passes;

/// <summary>What a pass may know beside the model.</summary>
/// <param name="Device">The processor the result is for.</param>
/// <param name="Ranges">The activation ranges of the model as it enters the pass, or null where there is no calibration data.</param>
/// <param name="KeepFloat">Node names or wildcard patterns (* and ?) of nodes that stay float.</param>
/// <param name="CancellationToken">Ends the pass early.</param>
/// <param name="Trace">Wants to know what became of each node; null where nobody asks. It must not change what the pass does.</param>
internal sealed record PassContext(DeviceProfile Device, ActivationRanges? Ranges, IReadOnlyList<string> KeepFloat, CancellationToken CancellationToken, GraphTrace? Trace = null)
{
    /// <summary>Which corrections of quantization errors are made.</summary>
    public CorrectionSwitches Corrections { get; init; } = CorrectionSwitches.All;
}
