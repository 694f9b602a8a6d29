using System.Globalization;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>Shapes in messages: [n, 3, ?, ?].</summary>
internal static class ShapeText
{
    /// <summary>A dynamic dimension is a question mark.</summary>
    public static string Of(IEnumerable<long> shape) => $"[{string.Join(", ", shape.Select(Dimension))}]";

    /// <summary>The shape with its first dimension replaced by n, the number of samples.</summary>
    public static string OfSamples(IEnumerable<long> shape) => $"[{string.Join(", ", shape.Skip(1).Select(Dimension).Prepend("n"))}]";

    private static string Dimension(long dimension) => dimension < 0 ? "?" : dimension.ToString(CultureInfo.InvariantCulture);
}
