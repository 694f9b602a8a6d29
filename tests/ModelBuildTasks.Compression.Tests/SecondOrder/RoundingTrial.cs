using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Quantization.Weights;
using ModelBuildTasks.Compression.SecondOrder;
using ModelBuildTasks.Compression.Tests.Modeling;
using ModelBuildTasks.Compression.Tests.Quantization;

namespace ModelBuildTasks.Compression.Tests.SecondOrder;

/// <summary>A model whose weights are recorded, rounded by samples and written, without calibrated ranges: so that nothing but rounding changes it.</summary>
internal sealed class RoundingTrial : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly ModelBuilder builder;
    private readonly FormatAssignment formats;
    private readonly DeviceProfile device;
    private readonly ShapedSamples samples;
    // The tensors of rounded layers lie in it.
    private readonly OnnxModel model;

    /// <param name="builder">The model; its input is <c>x</c>.</param>
    /// <param name="shape">The shape of the input.</param>
    /// <param name="formats">What layers become; null for weights as bytes.</param>
    /// <param name="device">The device; null for one that computes all it can on bytes.</param>
    /// <param name="steps">In how many steps layers are rounded.</param>
    /// <param name="change">Changes the values of a sample before they are used.</param>
    public RoundingTrial(ModelBuilder builder, long[] shape, FormatAssignment? formats = null, DeviceProfile? device = null, int steps = 8, Action<float[]>? change = null)
    {
        (this.builder, this.formats, this.device) = (builder, formats ?? FormatAssignment.Int8Weights, device ?? DeviceProfiles.WithoutCosts);
        samples = new ShapedSamples(shape, 6, change);
        builder.Save(folder);
        var recorder = new RecordingRounder();
        Recorded = Written(recorder);
        Targets = recorder.Targets;
        model = Load();
        Rounded = new SequentialRounding(new ShadowModel(model, Context), samples, [.. Enumerable.Range(0, samples.Count)], RoundingEffort.Of(Effort.Balanced) with { Steps = steps }, CancellationToken.None)
            .Run(Targets, (layer, weight, done, count) => Told.Add((layer, weight, $"{done}/{count}")));
        Result = Written(Rounded);
    }

    public IReadOnlyDictionary<string, RoundingTarget> Targets { get; }

    /// <summary>What was told of each layer.</summary>
    public List<(RoundedLayer Layer, RoundedWeight Weight, string Place)> Told { get; } = [];

    public RoundedWeights Rounded { get; }

    /// <summary>The model as it is written while targets are recorded.</summary>
    public ModelProto Recorded { get; }

    /// <summary>The model with rounded weights.</summary>
    public ModelProto Result { get; }

    public IReadOnlyList<float[]> Values => samples.Values;

    private PassContext Context => new(device, null, [], CancellationToken.None);

    /// <summary>The model that a pass with a rounder writes.</summary>
    public ModelProto Written(IWeightRounder rounder)
    {
        using var written = Load();
        new PostTrainingQuantization(formats) { Rounder = rounder }.Apply(written, Context);
        var path = folder.File("written.onnx");
        written.Save(path);
        return ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));
    }

    /// <summary>All outputs of a model called so, one sample behind the other; of the float model where no other is given.</summary>
    public float[] Outputs(ModelProto? other = null, string output = "y")
    {
        var path = folder.Write("run.onnx", Google.Protobuf.MessageExtensions.ToByteArray(other ?? builder.Build()));
        using var session = ModelSession.Open(path, new SessionSettings());
        var outputs = new List<float>();
        foreach (var sample in samples.Read(Enumerable.Range(0, samples.Count)))
        {
            session.Run(sample.Inputs, (index, _, _, bytes) => outputs.AddRange(session.Outputs[index].Name == output ? MemoryMarshal.Cast<byte, float>(bytes).ToArray() : []), CancellationToken.None);
        }

        return [.. outputs];
    }

    /// <summary>Σ of the squared differences of the outputs from those of the float model.</summary>
    public double ErrorOf(ModelProto other) => Outputs().Zip(Outputs(other)).Sum(pair => Math.Pow((double)pair.First - pair.Second, 2));

    public void Dispose()
    {
        model.Dispose();
        folder.Dispose();
    }

    private OnnxModel Load() => OnnxModel.Load(folder.File("model.onnx"));
}
