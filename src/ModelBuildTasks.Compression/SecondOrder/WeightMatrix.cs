using System.Numerics.Tensors;
using ModelBuildTasks.Compression.Kernels;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>The weight of one group as the matrix [depth, outputs] that <see cref="LayerInputs"/>' rows are multiplied with, and back. The groups of a weight lie one behind the other.</summary>
/// <param name="layout">Which channels the weight joins.</param>
internal sealed class WeightMatrix(WeightLayout layout)
{
    /// <summary>The weights of an output channel.</summary>
    public int Depth { get; } = layout.GroupInputs * layout.Positions;

    /// <summary>The output channels of a group.</summary>
    public int Outputs { get; } = layout.Outputs / layout.Groups;

    /// <summary>Reads the matrix of a group.</summary>
    /// <param name="values">The weight of all groups.</param>
    /// <param name="group">The group.</param>
    /// <param name="matrix">[depth, outputs].</param>
    /// <exception cref="ArgumentException">The lengths do not fit the layout.</exception>
    public void Read(SinglesReader values, int group, Span<double> matrix)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(group);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(group, layout.Groups);
        Check(matrix.Length);
        if (values.Count != (long)matrix.Length * layout.Groups)
        {
            throw new ArgumentException($"{values.Count} weights do not make {layout.Groups} groups of {matrix.Length}.", nameof(values));
        }

        var axis = layout.HasOutputsFirst ? new ChannelAxis(1, Outputs, Depth, 0) : new ChannelAxis(Depth, Outputs, 1, 1);
        var turned = layout.HasOutputsFirst ? new float[Math.Min(matrix.Length, SinglesReader.LongestPart)] : [];
        foreach (var block in axis.Blocks(SinglesReader.LongestPart))
        {
            var part = values.Read(((long)group * matrix.Length) + block.Start, block.Length);
            if (!layout.HasOutputsFirst)
            {
                TensorPrimitives.ConvertChecked(part, matrix.Slice((int)block.Start, block.Length));
                continue;
            }

            Transposition.Of(part, block.Channels, block.Inner, turned.AsSpan(0, block.Length));
            var first = (int)(block.Start % Depth);
            for (var column = 0; column < block.Inner; column++)
            {
                TensorPrimitives.ConvertChecked<float, double>(turned.AsSpan(column * block.Channels, block.Channels), matrix.Slice(((first + column) * Outputs) + block.FirstChannel, block.Channels));
            }
        }
    }

    /// <summary>Some outputs of a matrix, [depth × count].</summary>
    /// <param name="matrix">[depth, outputs].</param>
    /// <param name="first">The first output.</param>
    /// <param name="count">How many.</param>
    public double[] Columns(double[] matrix, int first, int count)
    {
        var columns = new double[Depth * count];
        for (var input = 0; input < Depth; input++)
        {
            matrix.AsSpan((input * Outputs) + first, count).CopyTo(columns.AsSpan(input * count));
        }

        return columns;
    }

    /// <summary>Puts the matrix of a group into the weight's order.</summary>
    /// <param name="matrix">[depth, outputs].</param>
    /// <param name="weight">The group's part of the weight.</param>
    /// <exception cref="ArgumentException">The lengths do not fit the layout.</exception>
    public void Write<T>(ReadOnlySpan<T> matrix, Span<T> weight)
        where T : unmanaged
    {
        Check(matrix.Length);
        Check(weight.Length);
        if (layout.HasOutputsFirst)
        {
            Transposition.Of(matrix, Depth, Outputs, weight);
        }
        else
        {
            matrix.CopyTo(weight);
        }
    }

    private void Check(int length)
    {
        if (length != (long)Depth * Outputs)
        {
            throw new ArgumentException($"{length} values do not make a matrix of {Depth} weights for each of {Outputs} outputs.", nameof(length));
        }
    }
}
