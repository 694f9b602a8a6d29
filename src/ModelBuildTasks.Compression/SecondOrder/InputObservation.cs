namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>The Hessians of a layer's groups, of one value that it reads.</summary>
/// <param name="inputs">How the layer multiplies the value.</param>
/// <param name="rowsOfSample">How many rows of a sample are taken.</param>
internal sealed class InputObservation(LayerInputs inputs, int rowsOfSample)
{
    private float[] rows = [];

    /// <summary>One for each group.</summary>
    public IReadOnlyList<LayerHessian> Hessians { get; } = [.. Enumerable.Range(0, inputs.Groups).Select(_ => new LayerHessian(inputs.Depth))];

    /// <summary>Adds rows of a value, evenly spread.</summary>
    public void Add(ReadOnlySpan<float> value, ReadOnlySpan<long> shape, int sample)
    {
        var geometry = inputs.Rows(shape.ToArray());
        foreach (var panel in geometry.Panels(rowsOfSample, sample))
        {
            var length = panel.Count * inputs.Depth;
            rows = rows.Length < length * inputs.Groups ? new float[RowPanel.MostRows * inputs.Depth * inputs.Groups] : rows;
            geometry.Write(value, panel.First, panel.Step, rows.AsSpan(0, length * inputs.Groups));
            for (var group = 0; group < inputs.Groups; group++)
            {
                Hessians[group].Add(rows.AsSpan(group * length, length));
            }
        }
    }
}
