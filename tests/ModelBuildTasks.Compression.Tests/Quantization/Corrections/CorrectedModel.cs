using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Quantization.Corrections;
using ModelBuildTasks.Compression.Tests.Calibration;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Quantization.Corrections;

/// <summary>A model with an input <c>x</c> and an output <c>y</c>, calibrated on samples of it, and what quantization makes of it with some corrections or none.</summary>
internal sealed class CorrectedModel : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string path;
    private readonly SampleSet samples;
    private int next;

    public CorrectedModel(ModelBuilder builder, float[] samples, params long[] shape)
        : this(builder, isEqualized: false, samples, shape)
    {
    }

    public CorrectedModel(ModelBuilder builder, bool isEqualized, float[] samples, params long[] shape)
    {
        path = builder.Save(folder);
        if (isEqualized)
        {
            using var unequal = OnnxModel.Load(path);
            CrossLayerEqualization.Apply(unequal);
            path = folder.File("equalized.onnx");
            unequal.Save(path);
        }

        this.samples = Samples.Open(folder.Write("data.npz", Npy.Archive(("x", Npy.Array(samples, shape)))), Samples.Port("x", [-1, .. shape.Skip(1)]));
        using var model = OnnxModel.Load(path);
        Ranges = RangeCollector.Collect(model, this.samples, Indices, CalibrationMethod.MinMax, null, MeanAxes.Of(model.EditGraph()), null, CancellationToken.None);
        Expected = Run(path);
    }

    public ActivationRanges Ranges { get; }

    /// <summary>The outputs of the float model, one array a sample.</summary>
    public IReadOnlyList<float[]> Expected { get; }

    private int[] Indices => [.. Enumerable.Range(0, samples.Count)];

    /// <summary>The model after quantization, with the ranges that were collected or others.</summary>
    public ModelProto Quantize(FormatAssignment formats, CorrectionSwitches corrections, ActivationRanges? ranges = null, DeviceProfile? device = null)
    {
        using var model = OnnxModel.Load(path);
        new PostTrainingQuantization(formats).Apply(model, new PassContext(device ?? DeviceProfiles.WithoutCosts, ranges ?? Ranges, [], CancellationToken.None) { Corrections = corrections });
        var result = folder.File("result.onnx");
        model.Save(result);
        return ModelProto.Parser.ParseFrom(File.ReadAllBytes(result));
    }

    /// <summary>The outputs against those of the float model.</summary>
    public double SqnrDb(FormatAssignment formats, CorrectionSwitches corrections) => QuantizedModel.SqnrDb([.. Expected.SelectMany(output => output)], [.. Outputs(formats, corrections).SelectMany(output => output)]);

    /// <summary>The largest magnitude among the channels (along an axis) of the mean error of the output.</summary>
    public double MeanError(FormatAssignment formats, CorrectionSwitches corrections, int channels, int inner = 1)
    {
        var actual = Outputs(formats, corrections);
        var sums = new double[channels];
        foreach (var (before, after) in Expected.Zip(actual))
        {
            for (var i = 0; i < before.Length; i++)
            {
                sums[i / inner % channels] += (double)after[i] - before[i];
            }
        }

        return sums.Max(Math.Abs) * channels / Expected.Sum(output => output.Length);
    }

    private List<float[]> Outputs(FormatAssignment formats, CorrectionSwitches corrections) => Run(folder.Write($"{next++}.onnx", Google.Protobuf.MessageExtensions.ToByteArray(Quantize(formats, corrections))));

    public void Dispose() => folder.Dispose();

    private List<float[]> Run(string model)
    {
        using var session = ModelSession.Open(model, new SessionSettings());
        var outputs = new List<float[]>();
        foreach (var sample in samples.Read(Indices))
        {
            session.Run(sample.Inputs, (_, _, _, bytes) => outputs.Add(MemoryMarshal.Cast<byte, float>(bytes).ToArray()), CancellationToken.None);
        }

        return outputs;
    }
}
