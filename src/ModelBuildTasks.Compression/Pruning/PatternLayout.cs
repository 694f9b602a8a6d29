using ModelBuildTasks.Compression.Kernels;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.Pruning;

/// <summary>
/// Which weights are neighbours along the inputs of a layer. Neighbours of a convolution are at one place of the kernel and belong to neighbouring input channels, as kernels for sparse products want it; what is left at the end of a row
/// makes a smaller group.
/// </summary>
/// <param name="pattern">The pattern of zeros.</param>
/// <param name="layout">The weight as [outer, inputs, inner].</param>
internal sealed class PatternLayout(SparsityPattern pattern, BlockLayout layout)
{
    /// <summary>The layout of a weight.</summary>
    public static PatternLayout Of(SparsityPattern pattern, PrunableWeight weight)
    {
        var dims = weight.Weight.Tensor.Dims;
        return new(pattern, weight.Reader.OpType == "Conv"
            ? new BlockLayout((int)dims[0], (int)dims[1], checked((int)dims.Skip(2).Aggregate(1L, (product, dimension) => product * dimension)), pattern.Group)
            : BlockLayout.Of(weight.Reader, weight.Weight, pattern.Group));
    }

    /// <summary>How many weights go.</summary>
    public long Removed => (long)layout.Rows * Enumerable.Range(0, layout.BlocksPerRow).Sum(block => Math.Max(0, layout.Length(block) - pattern.Kept));

    /// <summary>The group of each weight of an output, in the order in which a layer's inputs are.</summary>
    /// <param name="depth">The weights of an output.</param>
    public int[] GroupsOfOutput(int depth)
    {
        var positions = depth / layout.Depth;
        return [.. Enumerable.Range(0, depth).Select(index => (index / positions / pattern.Group * positions) + (index % positions))];
    }

    /// <summary>How many weights of each group of an output may go.</summary>
    /// <param name="groups">The groups of its weights.</param>
    public int[] Removable(ReadOnlySpan<int> groups)
    {
        var removable = new int[groups.Length];
        foreach (var group in groups)
        {
            removable[group]++;
        }

        return Array.ConvertAll(removable, count => Math.Max(0, count - pattern.Kept));
    }

    /// <summary>Makes the weights of greatest cost in each group cost more than any other.</summary>
    /// <param name="costs">One for each weight, in its order.</param>
    public void Keep(Span<float> costs)
    {
        var (row, kept) = (new float[layout.Depth], new float[layout.Depth]);
        for (var index = 0; index < layout.Rows; index++)
        {
            var start = (index / layout.Inner * layout.Depth * layout.Inner) + (index % layout.Inner);
            for (var input = 0; input < row.Length; input++)
            {
                row[input] = costs[start + (input * layout.Inner)];
            }

            kept.AsSpan().Fill(1);
            PatternMask.Apply(kept, row, pattern.Kept, pattern.Group);
            for (var input = 0; input < row.Length; input++)
            {
                costs[start + (input * layout.Inner)] = kept[input] == 0 ? row[input] : float.PositiveInfinity;
            }
        }
    }
}
