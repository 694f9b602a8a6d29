using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Quantization.Smoothing;

namespace Benchmarks.Models;

/// <summary>Writes a model of the same function with outlier channels: what smoothing is measured on.</summary>
internal static class OutlierFile
{
    private const int Channels = 3;

    /// <param name="model">A transformer.</param>
    /// <param name="result">Where the other model goes.</param>
    /// <param name="isShifted">Whether channels are always large, read by ordinary weights; else they are so many times larger, read by weights as much smaller.</param>
    public static int Write(string model, string result, bool isShifted)
    {
        using var loaded = OnnxModel.Load(Path.GetFullPath(model));
        if (isShifted)
        {
            PlantedOutliers.Shift(loaded, Channels, 1);
        }
        else
        {
            PlantedOutliers.Scale(loaded, Channels, 1);
        }

        loaded.Save(Path.GetFullPath(result));
        return 0;
    }
}
