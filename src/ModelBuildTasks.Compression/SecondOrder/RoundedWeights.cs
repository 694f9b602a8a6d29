using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Kernels;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>Weights that were rounded before they are written; all others become the nearest.</summary>
internal sealed class RoundedWeights : IWeightRounder
{
    private readonly Dictionary<string, RoundedBytes> bytes = new(StringComparer.Ordinal);

    /// <summary>Keeps what a weight became.</summary>
    public void Add(RoundedBytes rounded) => bytes.Add(rounded.Grid.Weight.Name, rounded);

    /// <inheritdoc/>
    public QuantizedWeight ToBytes(ByteGrid grid, Func<long, PayloadWriter> newPayload)
    {
        if (!bytes.TryGetValue(grid.Weight.Name, out var rounded) || !rounded.Fits(grid))
        {
            return NearestRounder.Instance.ToBytes(grid, newPayload);
        }

        var writer = newPayload(rounded.Values.Length);
        writer.Append(MemoryMarshal.AsBytes<sbyte>(rounded.Values).ToArray());
        var (signal, noise) = ErrorEnergy.Accumulate(grid.Weight.Tensor.Singles(), rounded.Restored());
        return new QuantizedWeight(writer.Finish(), rounded.Scales, signal, noise);
    }

    /// <inheritdoc/>
    public BlockQuantizedWeight ToBlocks(LayerWeight weight, BlockLayout layout, BlockOptions options, Func<long, PayloadWriter> newPayload) =>
        NearestRounder.Instance.ToBlocks(weight, layout, options, newPayload);
}
