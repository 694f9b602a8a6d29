using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Kernels;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>A weight that becomes signed bytes.</summary>
/// <param name="Bytes">The values it may have.</param>
internal sealed record ByteTarget(ByteGrid Bytes) : RoundingTarget(Bytes.Weight)
{
    private readonly float[] scales = WeightQuantizer.Positive(Bytes.Scales);
    private LevelSets? levels;

    /// <inheritdoc/>
    public override string Format => "int8";

    /// <inheritdoc/>
    public override RoundingTarget Fitted(LayerWeight weight, InputImportances importances) =>
        Bytes.Sharing is { } sharing ? this with { levels = sharing.Levels(Bytes with { Weight = weight }, importances) } : this;

    /// <inheritdoc/>
    public override IRoundingGrid Grid(LayerInputs inputs, int first, int count)
    {
        var some = scales.AsSpan(first, count).ToArray();
        var sets = levels is { } shared ? Enumerable.Range(first, count).Select(shared.Of).ToArray() : null;
        return Bytes.Bound is { } bound ? new PairedByteRounding(inputs.Depth, some, bound, sets)
            : sets is not null ? new LevelRounding(inputs.Depth, some, sets)
            : new ByteRounding(inputs.Depth, some);
    }

    /// <inheritdoc/>
    public override bool Fits(LayerInputs inputs) => Bytes.Factor == 1 && Weight.Axis.Channels == inputs.Outputs * inputs.Groups;

    /// <inheritdoc/>
    public override IEnumerable<RestoredPart> Restored(LayerWeight weight, sbyte[] levels) => Stored(levels, length => new PayloadWriter(length)).Restored(weight.Axis);

    /// <summary>The weight with bytes that were chosen.</summary>
    public QuantizedWeight Quantized(LayerWeight weight, sbyte[] levels, Func<long, PayloadWriter> newPayload)
    {
        var quantized = Stored(levels, newPayload);
        var values = new SinglesReader(weight.Tensor);
        var (signal, noise) = (0.0, 0.0);
        foreach (var part in quantized.Restored(weight.Axis))
        {
            var energies = ErrorEnergy.Accumulate(values.Read(part.Start, part.Values.Length), part.Values.Span);
            (signal, noise) = (signal + energies.Signal, noise + energies.Noise);
        }

        return quantized with { Signal = signal, Noise = noise };
    }

    /// <summary>Whether a grid has these values, and perhaps more of them: a looser bound of pairs.</summary>
    public bool IsIn(ByteGrid grid) => grid.Weight.Axis == Weight.Axis && grid.Factor == Bytes.Factor && grid.Scales.AsSpan().SequenceEqual(Bytes.Scales) && Equals(grid.Sharing, Bytes.Sharing)
        && (grid.Bound is not { } bound || (Bytes.Bound is { } own && own.Order == bound.Order && own.Limit <= bound.Limit));

    private QuantizedWeight Stored(sbyte[] levels, Func<long, PayloadWriter> newPayload)
    {
        var writer = newPayload(levels.Length);
        writer.Append(MemoryMarshal.AsBytes<sbyte>(levels).ToArray());
        return new QuantizedWeight(writer.Finish(), scales, 0, 0);
    }
}
