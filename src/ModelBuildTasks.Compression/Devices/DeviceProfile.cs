namespace ModelBuildTasks.Compression.Devices;

/// <summary>What a kind of processor runs best. A profile is data: its name decides nothing, and two profiles with the same content share one compression.</summary>
public sealed record DeviceProfile
{
    /// <summary>How the report and the Device metadata call it.</summary>
    public required string Name { get; init; }

    /// <summary>How activations are stored: <see cref="NumericFormat.UInt8"/> and <see cref="NumericFormat.Int8"/> with a scale per tensor, or <see cref="NumericFormat.Float16"/>.</summary>
    public NumericFormat Activations { get; init; } = NumericFormat.UInt8;

    /// <summary>How weights are stored: <see cref="NumericFormat.Int8"/> with a scale per channel, or <see cref="NumericFormat.Float16"/>.</summary>
    public NumericFormat Weights { get; init; } = NumericFormat.Int8;

    /// <summary>
    /// Whether two weights that a kernel multiplies and adds in 16 bits are kept small enough for that: |w0| + |w1| is at most 128 where both have one sign, so that 255 · (w0 + w1) never saturates. x64
    /// processors without VNNI need it (VPMADDUBSW); others give the same results with or without.
    /// </summary>
    public bool PairBound { get; init; }

    /// <summary>What is faster on bytes there. Without a table everything computes on bytes that can.</summary>
    public CostTable Costs { get; init; } = CostTable.None;

    /// <summary>The processors it is made for ("x64", "arm64"), in the words of <see cref="System.Runtime.InteropServices.Architecture"/>; empty is any. Decides no byte.</summary>
    public IReadOnlyList<string> Architectures { get; init; } = [];

    /// <summary>Right on every processor: unsigned activations, signed weights with the pair bound, bytes where they are faster even without VNNI.</summary>
    public static DeviceProfile Cpu { get; } = new() { Name = "cpu", PairBound = true, Costs = CostTable.X64 };

    /// <summary>Everything that decides bytes, for keys.</summary>
    internal string Identity => $"{NumericFormatNames.Of(Activations)} {NumericFormatNames.Of(Weights)} {(PairBound ? "pair-bound" : "full-range")} {(ReferenceEquals(Costs, CostTable.None) ? "no costs" : Costs.ContentHash)}";

    /// <summary>Whether layers compute in float16 there, and not on bytes.</summary>
    internal bool ComputesInFloat16 => Weights == NumericFormat.Float16;

    /// <summary>Whether the time that a model of this profile takes on a processor tells anything about the time on its device.</summary>
    /// <param name="architecture">The processor at hand.</param>
    internal bool CanBeTimedOn(string architecture) =>
        !ComputesInFloat16 && (Architectures.Count == 0 || Architectures.Contains(architecture, StringComparer.OrdinalIgnoreCase));
}
