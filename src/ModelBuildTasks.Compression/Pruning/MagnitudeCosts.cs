using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Pruning;

/// <summary>
/// Costs that the weights alone tell: w² / Σ u² over all weights u of the tensor that are no smaller (Lee et al. 2021, "Layer-adaptive Sparsity for the Magnitude-based Pruning", LAMP). Each is the share of what is still there that goes with
/// the weight, so that the costs of tensors of any size and scale can be compared; within a tensor their order is that of the magnitudes. Sums are kept for magnitudes that agree in their upper bits, so that no tensor is sorted or held.
/// </summary>
internal sealed class MagnitudeCosts : WeightCosts
{
    // Of the 31 bits of a magnitude: steps of a 256th.
    private const int LowerBits = 15;

    private readonly TensorProto tensor;
    // Σ u² over the magnitudes from these on.
    private readonly double[] energies = new double[1 << (31 - LowerBits)];

    /// <param name="tensor">The weights; finite.</param>
    public MagnitudeCosts(TensorProto tensor)
    {
        this.tensor = tensor;
        var values = new SinglesReader(tensor);
        foreach (var (start, count) in values.Parts())
        {
            foreach (var value in values.Read(start, count))
            {
                energies[Bin(value)] += (double)value * value;
            }
        }

        for (var bin = energies.Length - 2; bin >= 0; bin--)
        {
            energies[bin] += energies[bin + 1];
        }
    }

    /// <inheritdoc/>
    public override void Visit(Visitor visitor)
    {
        var values = new SinglesReader(tensor);
        var costs = new float[Math.Min(values.Count, SinglesReader.LongestPart)];
        foreach (var (start, count) in values.Parts())
        {
            var part = values.Read(start, count);
            for (var index = 0; index < part.Length; index++)
            {
                var value = (double)part[index];
                costs[index] = value == 0 ? 0 : (float)(value * value / energies[Bin(part[index])]);
            }

            visitor(costs.AsSpan(0, count));
        }
    }

    private static int Bin(float value) => (BitConverter.SingleToInt32Bits(value) & int.MaxValue) >> LowerBits;
}
