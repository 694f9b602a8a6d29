namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>The Hessians of a layer's groups, of one value that it reads.</summary>
/// <param name="inputs">How the layer multiplies the value.</param>
/// <param name="rowsOfSample">How many rows of a sample are taken.</param>
internal sealed class InputObservation(LayerInputs inputs, int rowsOfSample)
{
    /// <summary>Rows at a time: the panel of <see cref="Kernels.SymmetricRankUpdate"/>.</summary>
    private const int PanelRows = 256;

    private float[] rows = [];

    /// <summary>One for each group.</summary>
    public IReadOnlyList<LayerHessian> Hessians { get; } = [.. Enumerable.Range(0, inputs.Groups).Select(_ => new LayerHessian(inputs.Depth))];

    /// <summary>Adds rows of a value, evenly spread.</summary>
    public void Add(ReadOnlySpan<float> value, ReadOnlySpan<long> shape, int sample)
    {
        var geometry = inputs.Rows(shape.ToArray());
        // Odd, as most images are of even width: rows of all columns are taken.
        var step = Math.Max(1, geometry.Positions / rowsOfSample) | 1;
        var first = sample % Math.Min(step, Math.Max(1, geometry.Positions));
        for (var position = first; position < geometry.Positions; position += PanelRows * step)
        {
            var count = Math.Min(PanelRows, (geometry.Positions - position + step - 1) / step);
            var length = count * inputs.Depth;
            rows = rows.Length < length * inputs.Groups ? new float[PanelRows * inputs.Depth * inputs.Groups] : rows;
            geometry.Write(value, position, step, rows.AsSpan(0, length * inputs.Groups));
            for (var group = 0; group < inputs.Groups; group++)
            {
                Hessians[group].Add(rows.AsSpan(group * length, length));
            }
        }
    }
}
