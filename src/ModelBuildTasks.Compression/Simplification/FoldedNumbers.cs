using System.Buffers.Binary;
using Google.Protobuf;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Simplification;

/// <summary>Weights and biases with a scale folded into them, each rounded once.</summary>
internal static class FoldedNumbers
{
    private const double SmallestNormal = 1.17549435082228751e-38;

    /// <summary>The bytes of a weight whose elements are multiplied; null where one of them would become infinite, NaN or too small to keep its digits.</summary>
    /// <param name="graph">Takes the bytes.</param>
    /// <param name="weight">A FLOAT tensor.</param>
    /// <param name="factorAt">The factor of the element at a position.</param>
    public static ByteString? Scaled(OnnxGraph graph, TensorProto weight, Func<long, double> factorAt)
    {
        var reader = new SinglesReader(weight);
        var payload = graph.NewPayload(reader.Count * sizeof(float));
        var buffer = new byte[Math.Min(reader.Count, SinglesReader.LongestPart) * sizeof(float)];
        foreach (var (start, count) in reader.Parts())
        {
            var values = reader.Read(start, count);
            for (var index = 0; index < count; index++)
            {
                var value = values[index];
                if (Rounded(value * factorAt(start + index), value) is not { } scaled)
                {
                    return null;
                }

                BinaryPrimitives.WriteSingleLittleEndian(buffer.AsSpan(index * sizeof(float)), scaled);
            }

            payload.Append(buffer.AsMemory(0, count * sizeof(float)));
        }

        return payload.Finish();
    }

    /// <summary>Biases as floats; null where one of them would become infinite, NaN or too small to keep its digits.</summary>
    public static float[]? Rounded(ReadOnlySpan<double> values)
    {
        var rounded = new float[values.Length];
        for (var index = 0; index < values.Length; index++)
        {
            if (Rounded(values[index], 1) is not { } value)
            {
                return null;
            }

            rounded[index] = value;
        }

        return rounded;
    }

    // A number that was subnormal before has no digits to lose.
    private static float? Rounded(double value, float before)
    {
        var rounded = (float)value;
        return float.IsFinite(rounded) && (value == 0 || float.IsSubnormal(before) || Math.Abs(value) >= SmallestNormal) ? rounded : null;
    }
}
