using System.Numerics.Tensors;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Pruning;

/// <summary>Costs that are in memory.</summary>
/// <param name="costs">One for each weight.</param>
/// <param name="gain">What each is multiplied with.</param>
internal sealed class KnownCosts(float[] costs, float gain = 1) : WeightCosts
{
    /// <inheritdoc/>
    public override void Visit(Visitor visitor)
    {
        var scaled = new float[Math.Min(costs.Length, SinglesReader.LongestPart)];
        for (var start = 0; start < costs.Length; start += scaled.Length)
        {
            var part = scaled.AsSpan(0, Math.Min(scaled.Length, costs.Length - start));
            TensorPrimitives.Multiply(costs.AsSpan(start, part.Length), gain, part);
            visitor(part);
        }
    }
}
