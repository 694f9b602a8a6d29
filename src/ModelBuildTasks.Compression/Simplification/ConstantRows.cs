using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Simplification;

/// <summary>Constant rows that a pass adds to a graph; those of one number alone are there once for each length.</summary>
internal sealed class ConstantRows(OnnxGraph graph)
{
    private readonly Dictionary<(float Number, long Length), string> filled = [];

    /// <summary>The name of a row of one number.</summary>
    public string Filled(float number, long length)
    {
        if (!filled.TryGetValue((number, length), out var name))
        {
            name = Of([.. Enumerable.Repeat(number, checked((int)length))]);
            filled.Add((number, length), name);
        }

        return name;
    }

    /// <summary>The name of a new row.</summary>
    public string Of(float[] numbers) => graph.AddInitializer(TensorValues.Create("row", numbers, numbers.Length));
}
