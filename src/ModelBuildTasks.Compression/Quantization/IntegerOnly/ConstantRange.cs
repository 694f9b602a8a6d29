using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Kernels;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization.IntegerOnly;

/// <summary>The range of a constant that stands where activations do.</summary>
internal static class ConstantRange
{
    /// <summary>The least and the greatest value of a FLOAT tensor; null where one is not finite.</summary>
    public static ValueRange? Of(TensorProto constant)
    {
        var values = new SinglesReader(constant);
        ValueRange? range = null;
        foreach (var (start, count) in values.Parts())
        {
            var (minimum, maximum, allFinite) = MinMax.Of(values.Read(start, count));
            if (!allFinite)
            {
                return null;
            }

            range = range is { } known ? new ValueRange(Math.Min(known.Minimum, minimum), Math.Max(known.Maximum, maximum)) : new ValueRange(minimum, maximum);
        }

        return range ?? new ValueRange(0, 0);
    }
}
