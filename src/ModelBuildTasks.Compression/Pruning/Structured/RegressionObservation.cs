using ModelBuildTasks.Compression.SecondOrder;

namespace ModelBuildTasks.Compression.Pruning.Structured;

/// <summary>Collects what a layer of a pruned model reads, beside what it gave in the whole model: rows x, 1, y of each group, and the means of their products.</summary>
/// <param name="inputs">How the pruned layer multiplies its input.</param>
/// <param name="kept">The whole layer's output channels that are left, in their order.</param>
/// <param name="isConvolution">Whether channels lie along the second axis of the output; else along the last.</param>
/// <param name="rowsOfSample">How many rows of a sample are taken.</param>
internal sealed class RegressionObservation(LayerInputs inputs, int[] kept, bool isConvolution, int rowsOfSample)
{
    private readonly int width = inputs.Depth + 1 + inputs.Outputs;
    private float[] rows = [];
    private float[] joined = [];

    /// <summary>One for each group; its inputs are x, 1 and y.</summary>
    public IReadOnlyList<LayerHessian> Moments { get; } = [.. Enumerable.Range(0, inputs.Groups).Select(_ => new LayerHessian(inputs.Depth + 1 + inputs.Outputs))];

    /// <summary>Adds rows, evenly spread.</summary>
    /// <param name="value">What the pruned layer reads.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="whole">What the whole layer gave.</param>
    /// <param name="wholeShape">Its shape.</param>
    /// <param name="sample">The index of the sample.</param>
    public void Add(ReadOnlySpan<float> value, ReadOnlySpan<long> shape, ReadOnlySpan<float> whole, long[] wholeShape, int sample)
    {
        var geometry = inputs.Rows(shape.ToArray());
        var (channels, space) = isConvolution ? ((int)wholeShape[1], (int)wholeShape.Skip(2).Aggregate(1L, (product, dimension) => product * dimension)) : ((int)wholeShape[^1], 1);
        foreach (var panel in geometry.Panels(rowsOfSample, sample))
        {
            var length = panel.Count * inputs.Depth;
            rows = rows.Length < length * inputs.Groups ? new float[RowPanel.MostRows * inputs.Depth * inputs.Groups] : rows;
            joined = joined.Length < panel.Count * width ? new float[RowPanel.MostRows * width] : joined;
            geometry.Write(value, panel.First, panel.Step, rows.AsSpan(0, length * inputs.Groups));
            for (var group = 0; group < inputs.Groups; group++)
            {
                for (var row = 0; row < panel.Count; row++)
                {
                    var line = joined.AsSpan(row * width, width);
                    rows.AsSpan((group * length) + (row * inputs.Depth), inputs.Depth).CopyTo(line);
                    line[inputs.Depth] = 1;
                    var (image, place) = Math.DivRem(panel.First + (row * panel.Step), space);
                    for (var output = 0; output < inputs.Outputs; output++)
                    {
                        line[inputs.Depth + 1 + output] = whole[(((image * channels) + kept[(group * inputs.Outputs) + output]) * space) + place];
                    }
                }

                Moments[group].Add(joined.AsSpan(0, panel.Count * width));
            }
        }
    }
}
