using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Tests.Calibration;
using ModelBuildTasks.Compression.Tests.Modeling;
using ModelBuildTasks.Compression.Tests.Quantization;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Compressing;

/// <summary>Bias correction of whole compressions where each output of a convolution reads some of the channels only.</summary>
[TestClass]
public sealed class GroupedCorrectionJobTests : IDisposable
{
    private const int Samples = 24;
    private const int Channels = 16;
    private const int Side = 8;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    [DataRow(4, QuantizationMode.Int8Weights, 0.1)]
    [DataRow(Channels, QuantizationMode.Int8Weights, 0.1)]
    [DataRow(4, QuantizationMode.Int8, 0.7)]
    [DataRow(Channels, QuantizationMode.Int8, 0.7)]
    public void The_mean_error_becomes_smaller(int groups, QuantizationMode mode, double share)
    {
        var request = Request(groups, mode);
        var corrected = MeanError(request);
        var uncorrected = MeanError(request with { Corrections = CorrectionSwitches.All with { Bias = false } });

        Assert.IsGreaterThan(0, uncorrected);
        Assert.IsLessThan(uncorrected * share, corrected);
    }

    private CompressionRequest Request(int groups, QuantizationMode mode)
    {
        // All numbers are positive and each channel has a mean of its own: what rounding does to a kernel shows in the mean of its output.
        var values = RandomTensors.Singles(new Random(1), Samples * Channels * Side * Side, 0.2);
        for (var index = 0; index < values.Length; index++)
        {
            values[index] += 1 + (index / (Side * Side) % Channels % 5);
        }

        var data = folder.Write("data.npz", Npy.Archive(("x", Npy.Array(values, Samples, Channels, Side, Side))));
        return new()
        {
            ModelPath = ModelBuilder.Create().Input("x", DataType.Float, "batch", Channels, Side, Side).Constant("w", RandomTensors.Weight(2, Channels, Channels / groups, 3, 3)).Constant("b", RandomTensors.Row(3, Channels))
                .Node("Conv", ["x", "w", "b"], ["y"], "layer", ("group", groups)).Output("y", DataType.Float, "batch", Channels, Side - 2, Side - 2).Save(folder),
            Name = "grouped",
            OutputFolder = folder.File("out"),
            CacheFolder = folder.File("cache"),
            Quantize = mode,
            Calibration = [data],
            // So that all samples calibrate.
            Validation = [data],
            Device = DeviceProfiles.WithoutCosts,
        };
    }

    /// <summary>The largest magnitude among the channels of the mean error of the output.</summary>
    private static double MeanError(CompressionRequest request)
    {
        var result = ModelCompressor.Compress(request, null, CancellationToken.None);
        Assert.AreEqual(QuantizationModeNames.Of(request.Quantize), result.Report.Layers.Single().Format);
        var (expected, actual) = (Outputs(request.ModelPath, request), Outputs(result.ModelPath, request));
        return Enumerable.Range(0, Channels).Max(channel => Math.Abs(Enumerable.Range(0, expected.Length).Where(index => index / ((Side - 2) * (Side - 2)) % Channels == channel).Average(index => (double)actual[index] - expected[index])));
    }

    private static float[] Outputs(string path, CompressionRequest request)
    {
        using var session = ModelSession.Open(path, new SessionSettings());
        var samples = ModelBuildTasks.Compression.Calibration.SampleSet.Open(request.Calibration, session.Ports, new());
        var outputs = new List<float>();
        foreach (var sample in samples.Read([.. Enumerable.Range(0, samples.Count)]))
        {
            session.Run(sample.Inputs, (_, _, _, bytes) => outputs.AddRange(MemoryMarshal.Cast<byte, float>(bytes)), CancellationToken.None);
        }

        return [.. outputs];
    }
}
