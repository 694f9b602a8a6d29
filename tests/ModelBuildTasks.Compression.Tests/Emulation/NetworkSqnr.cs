namespace ModelBuildTasks.Compression.Tests.Emulation;

/// <summary>Signal-to-noise ratios in dB of a quantized network against the float one.</summary>
/// <param name="Name">The network.</param>
/// <param name="FullRangeHere">Weights over the whole range of bytes, on this machine.</param>
/// <param name="FullRangeEmulated">The same on the emulated processor.</param>
/// <param name="BoundHere">Weights with the pair bound, on this machine.</param>
/// <param name="BoundEmulated">The same on the emulated processor.</param>
internal sealed record NetworkSqnr(string Name, double FullRangeHere, double FullRangeEmulated, double BoundHere, double BoundEmulated);
