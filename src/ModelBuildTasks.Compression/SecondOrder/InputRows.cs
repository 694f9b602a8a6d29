using ModelBuildTasks.Compression.Kernels;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>The rows that inputs of one shape give a layer. Padded positions are zeros. What depends on the shape only is computed once.</summary>
internal sealed class InputRows
{
    // For so many rows at a time the indices are computed, which all channels share.
    private const int Panel = 256;

    private readonly WeightLayout layout;
    private readonly PlacedAxis[] axes;
    private readonly int images;
    private readonly int space;

    /// <param name="layout">The layer's channels.</param>
    /// <param name="axes">The dimensions of its kernel.</param>
    /// <param name="images">How many images an input holds.</param>
    /// <param name="dims">The dimensions of a channel, as many as the kernel's.</param>
    public InputRows(WeightLayout layout, KernelAxis[] axes, int images, int[] dims)
    {
        (this.layout, this.images) = (layout, images);
        this.axes = new PlacedAxis[axes.Length];
        space = 1;
        for (var axis = axes.Length - 1; axis >= 0; axis--)
        {
            this.axes[axis] = PlacedAxis.Of(axes[axis], dims[axis], space);
            space = checked(space * dims[axis]);
        }

        Positions = checked(this.axes.Aggregate(images, (product, axis) => product * axis.Outputs));
    }

    /// <summary>How many rows an input gives: the output positions of all images.</summary>
    public int Positions { get; }

    /// <summary>Evenly spread rows, in panels.</summary>
    /// <param name="rowsOfSample">How many rows of a sample are taken, about.</param>
    /// <param name="sample">The index of the sample: each begins elsewhere.</param>
    public IEnumerable<RowPanel> Panels(int rowsOfSample, int sample)
    {
        // Odd, as most images are of even width: rows of all columns are taken.
        var step = Math.Max(1, Positions / rowsOfSample) | 1;
        var first = sample % Math.Min(step, Math.Max(1, Positions));
        for (var position = first; position < Positions; position += RowPanel.MostRows * step)
        {
            yield return new RowPanel(position, step, Math.Min(RowPanel.MostRows, (Positions - position + step - 1) / step));
        }
    }

    private int Depth => layout.GroupInputs * layout.Positions;

    /// <summary>Writes the rows <paramref name="first"/>, <paramref name="first"/> + <paramref name="step"/>, … of one group.</summary>
    /// <param name="value">The input.</param>
    /// <param name="group">The group.</param>
    /// <param name="first">The position of the first row.</param>
    /// <param name="step">The distance of the positions of neighbouring rows; at least 1.</param>
    /// <param name="rows">[as many rows as fit, depth].</param>
    /// <exception cref="ArgumentException">The value has another shape, the length is not that of whole rows, or a row is beyond the last position.</exception>
    public void Write(ReadOnlySpan<float> value, int group, int first, int step, Span<float> rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(group);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(group, layout.Groups);
        Write(value, group, 1, first, step, rows);
    }

    /// <summary>Writes the rows of all groups, which takes less time than one group after the other.</summary>
    /// <param name="value">The input.</param>
    /// <param name="first">The position of the first row.</param>
    /// <param name="step">The distance of the positions of neighbouring rows; at least 1.</param>
    /// <param name="rows">[groups, as many rows as fit, depth].</param>
    /// <exception cref="ArgumentException">The value has another shape, the length is not that of whole rows, or a row is beyond the last position.</exception>
    public void Write(ReadOnlySpan<float> value, int first, int step, Span<float> rows) => Write(value, 0, layout.Groups, first, step, rows);

    private void Write(ReadOnlySpan<float> value, int firstGroup, int groups, int first, int step, Span<float> rows)
    {
        var count = Count(value.Length, groups, first, step, rows.Length);
        if (axes.Length == 0)
        {
            Copy(value, first, step, rows);
            return;
        }

        var taps = layout.Positions;
        var indices = new int[Math.Min(Panel, count) * taps];
        for (var start = 0; start < count; start += Panel)
        {
            var part = indices.AsSpan(0, Math.Min(Panel, count - start) * taps);
            for (var row = 0; row < part.Length / taps; row++)
            {
                Locate(first + ((start + row) * step), part.Slice(row * taps, taps));
            }

            for (var group = 0; group < groups; group++)
            {
                var channel = (firstGroup + group) * layout.GroupInputs;
                Unfolding.Of(value[(channel * space)..], layout.GroupInputs, space, part, taps, rows.Slice(((group * count) + start) * Depth, part.Length * layout.GroupInputs));
            }
        }
    }

    private int Count(int values, int groups, int first, int step, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(step);
        if (values != (long)images * layout.Inputs * space)
        {
            throw new ArgumentException($"{values} values do not fit {images} images of {layout.Inputs} channels of {space} positions.", nameof(values));
        }

        var (count, rest) = Math.DivRem(length, groups * Depth);
        return rest != 0 ? throw new ArgumentException($"{length} values do not make whole rows of {Depth} in {groups} groups.", nameof(length))
            : count > 0 && first + ((count - 1L) * step) >= Positions ? throw new ArgumentException($"{count} rows from {first} on at a distance of {step} are beyond {Positions} positions.", nameof(length))
            : count;
    }

    /// <summary>Rows that lie in the value as they are.</summary>
    private void Copy(ReadOnlySpan<float> value, int first, int step, Span<float> rows)
    {
        var length = step == 1 ? rows.Length : Depth;
        for (var position = first; !rows.IsEmpty; position += step)
        {
            value.Slice(position * Depth, length).CopyTo(rows);
            rows = rows[length..];
        }
    }

    /// <summary>Where the window at a position lies in its image's first channel; −1 for padding.</summary>
    private void Locate(int position, Span<int> indices)
    {
        Span<int> places = stackalloc int[axes.Length];
        for (var axis = axes.Length - 1; axis >= 0; axis--)
        {
            (position, places[axis]) = Math.DivRem(position, axes[axis].Outputs);
        }

        indices[0] = position * layout.Inputs * space;
        var count = 1;
        for (var axis = 0; axis < axes.Length; axis++)
        {
            // From the last to the first, because every index makes room for its own taps where it stands.
            var offsets = axes[axis].OffsetsAt(places[axis]);
            for (var outer = count - 1; outer >= 0; outer--)
            {
                var start = indices[outer];
                for (var tap = offsets.Length - 1; tap >= 0; tap--)
                {
                    indices[(outer * offsets.Length) + tap] = start < 0 || offsets[tap] < 0 ? -1 : start + offsets[tap];
                }
            }

            count *= offsets.Length;
        }
    }
}
