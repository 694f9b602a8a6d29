using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Quantization.Float16;
using ModelBuildTasks.Compression.Quantization.IntegerOnly;
using ModelBuildTasks.Compression.Reporting;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Quantization;

/// <summary>A model and what a quantization pass made of it, both run in ONNX Runtime on the same random samples.</summary>
internal sealed class QuantizedModel : IDisposable
{
    private const int Samples = 8;

    private readonly TemporaryFolder folder = new();
    private readonly string floatPath;
    private readonly string path;
    private readonly string comparedPath;
    private readonly string? roundedPath;
    private readonly Dictionary<string, int> ranks = [];
    private readonly DeviceProfile device;
    private readonly IReadOnlyList<Dictionary<string, ModelValue>> samples;

    private QuantizedModel(ModelBuilder builder, ICompressionPass pass, string[] keepFloat, DeviceProfile device, bool knowsRanks = false, SampleNetwork? network = null)
    {
        this.device = device;
        floatPath = builder.Save(folder, "float.onnx");
        using var model = OnnxModel.Load(floatPath);
        using (var session = ModelSession.Open(floatPath, new SessionSettings()))
        {
            samples = network is null
                ? [.. Enumerable.Range(0, Samples).Select(seed => Sample(session, seed))]
                : [.. network.Samples.Select(sample => new Dictionary<string, ModelValue> { ["image"] = Tensor(network.InputShape, sample) })];
        }

        Ranges = Observe(builder);
        var trace = GraphTrace.Of(model.Proto.Graph);
        Layers = pass.Apply(model, new PassContext(device, new ActivationRanges(Ranges) { Ranks = knowsRanks ? ranks : [] }, keepFloat, CancellationToken.None, trace)).Layers;
        Traced = [.. trace.Nodes];
        if (!knowsRanks)
        {
            AssertObservedRangesSuffice(pass, keepFloat, model.Proto);
        }

        path = folder.File("quantized.onnx");
        model.Save(path);
        comparedPath = pass is IntegerOnlyQuantization ? FloatPorts.Write(path, folder.Path) : path;
        Bytes = File.ReadAllBytes(path);
        if (pass is HalfPrecision)
        {
            roundedPath = folder.File("rounded.onnx");
            using var rounded = OnnxModel.Load(path);
            HalfEmulation.Apply(rounded);
            rounded.Save(roundedPath);
        }

        FloatBytes = File.ReadAllBytes(floatPath).LongLength;
        Graph = ModelProto.Parser.ParseFrom(Bytes).Graph;
        Proto = ModelProto.Parser.ParseFrom(Bytes);
    }

    public IReadOnlyDictionary<string, ValueRange> Ranges { get; }

    public IReadOnlyList<LayerReport> Layers { get; }

    /// <summary>What the pass told of each node.</summary>
    public IReadOnlyList<NodeTrace> Traced { get; }

    public byte[] Bytes { get; }

    public long FloatBytes { get; }

    public ModelProto Proto { get; }

    public GraphProto Graph { get; }

    public static QuantizedModel Static(ModelBuilder builder, params string[] keepFloat) => StaticFor(DeviceProfiles.WithoutCosts, builder, keepFloat);

    /// <summary>Quantized for a device.</summary>
    public static QuantizedModel StaticFor(DeviceProfile device, ModelBuilder builder, params string[] keepFloat) => new(builder, new PostTrainingQuantization(FormatAssignment.Int8), keepFloat, device);

    /// <summary>A network quantized for a device, calibrated and run on its samples.</summary>
    public static QuantizedModel StaticFor(DeviceProfile device, SampleNetwork network) => new(network.Builder, new PostTrainingQuantization(FormatAssignment.Int8), [], device, network: network);

    /// <summary>Quantized for a device and written as integer operators.</summary>
    public static QuantizedModel OperatorsFor(DeviceProfile device, ModelBuilder builder, params string[] keepFloat) => new(builder, new PostTrainingQuantization(FormatAssignment.Int8) { AsOperators = true }, keepFloat, device);

    /// <inheritdoc cref="OperatorsFor(DeviceProfile, ModelBuilder, string[])"/>
    public static QuantizedModel OperatorsFor(DeviceProfile device, SampleNetwork network) => new(network.Builder, new PostTrainingQuantization(FormatAssignment.Int8) { AsOperators = true }, [], device, network: network);

    /// <summary>Activations in 16 bits.</summary>
    public static QuantizedModel Int16For(DeviceProfile device, ModelBuilder builder, params string[] keepFloat) => new(builder, new PostTrainingQuantization(FormatAssignment.Int16), keepFloat, device);

    /// <inheritdoc cref="Int16For(DeviceProfile, ModelBuilder, string[])"/>
    public static QuantizedModel Int16For(DeviceProfile device, SampleNetwork network) => new(network.Builder, new PostTrainingQuantization(FormatAssignment.Int16), [], device, network: network);

    /// <summary>Quantized with the ranks that calibration sees, where the file tells none.</summary>
    public static QuantizedModel StaticWithRanks(ModelBuilder builder) => new(builder, new PostTrainingQuantization(FormatAssignment.Int8), [], DeviceProfiles.WithoutCosts, knowsRanks: true);

    public static QuantizedModel WeightsOnly(ModelBuilder builder, params string[] keepFloat) => new(builder, new PostTrainingQuantization(FormatAssignment.Int8Weights), keepFloat, DeviceProfiles.WithoutCosts);

    /// <summary>With the formats that an assignment gives, without ranges.</summary>
    public static QuantizedModel With(FormatAssignment formats, ModelBuilder builder, params string[] keepFloat) => WithFor(DeviceProfiles.WithoutCosts, formats, builder, keepFloat);

    /// <inheritdoc cref="With"/>
    public static QuantizedModel WithFor(DeviceProfile device, FormatAssignment formats, ModelBuilder builder, params string[] keepFloat) => new(builder, new PostTrainingQuantization(formats), keepFloat, device);

    /// <summary>Computing on integers only, with the ranks that calibration sees, since it observes every value.</summary>
    public static QuantizedModel IntegerOnly(ModelBuilder builder) => IntegerOnlyFor(DeviceProfile.Cpu, builder);

    /// <inheritdoc cref="IntegerOnly"/>
    public static QuantizedModel IntegerOnlyFor(DeviceProfile device, ModelBuilder builder) => new(builder, new IntegerOnlyQuantization(), [], device, knowsRanks: true);

    private bool HasSignedActivations => device.Activations == NumericFormat.Int8;

    /// <summary>In float16, with the range of every value.</summary>
    public static QuantizedModel Half(ModelBuilder builder, params string[] keepFloat) => new(builder, new HalfPrecision(), keepFloat, DeviceProfiles.Gpu, knowsRanks: true);

    public LayerReport Layer(string name) => Layers.Single(layer => layer.Name == name);

    /// <summary>Format and reason of a node, as "float: KeepFloat names it".</summary>
    public string Trace(string name) => Traced.Single(node => node.Name == name) is var node ? $"{node.Format}: {node.Reason}" : "";

    public int Count(string operation) => Graph.Node.Count(node => node.OpType == operation);

    public TensorProto Tensor(string name) => Graph.Initializer.Single(tensor => tensor.Name == name);

    /// <summary>The outputs on all samples.</summary>
    public float[] Outputs(SessionOptimization optimization = SessionOptimization.All) => Run(path, optimization);

    /// <summary>The graph as the runtime optimizes it for this processor, or with signed activations as it does for arm64.</summary>
    public GraphProto Optimized()
    {
        var optimized = folder.File("optimized.onnx");
        using (ModelSession.Open(path, new SessionSettings { OptimizedModelPath = optimized, SignedActivations = HasSignedActivations }))
        {
        }

        return ModelProto.Parser.ParseFrom(File.ReadAllBytes(optimized)).Graph;
    }

    /// <summary>The operators that run.</summary>
    public IReadOnlyList<string> Running() => [.. Optimized().Node.Select(node => node.OpType)];

    /// <summary>Asserts that these operators run, and that no weight is dequantized on every run: a DequantizeLinear reads an activation or does not run at all.</summary>
    public void AssertRuns(params string[] operations)
    {
        var graph = Optimized();
        var running = graph.Node.Select(node => node.OpType).ToList();
        foreach (var group in operations.GroupBy(operation => operation))
        {
            Assert.AreEqual(group.Count(), running.Count(operation => operation == group.Key), $"{group.Key} in {string.Join(" ", running)}");
        }

        var constants = graph.Initializer.Select(tensor => tensor.Name).ToHashSet();
        Assert.IsFalse(graph.Node.Any(node => node.OpType is "DequantizeLinear" or "Cast" && constants.Contains(node.Input[0])), $"A weight is restored on every run: {string.Join(" ", running)}");
    }

    public void AssertDoesNotRun(params string[] operations)
    {
        var running = Running();
        Assert.IsFalse(running.Intersect(operations).Any(), string.Join(" ", running));
    }

    /// <summary>The outputs of the quantized model at full optimization against those of the float model, and against itself without any optimization.</summary>
    public void AssertSqnr(double leastDb)
    {
        var reference = Run(floatPath, SessionOptimization.All);
        var fused = Run(comparedPath, SessionOptimization.All);
        var plain = Run(comparedPath, SessionOptimization.None);
        var sqnr = SqnrDb(reference, fused);
        Assert.IsGreaterThanOrEqualTo(leastDb, sqnr, $"SQNR {sqnr:F1} dB");
        var agreement = SqnrDb(plain, fused);
        Assert.IsGreaterThanOrEqualTo(leastDb, agreement, $"fused against as written {agreement:F1} dB");
        if (roundedPath is not null)
        {
            var rounded = SqnrDb(reference, Run(roundedPath, SessionOptimization.All));
            Assert.IsGreaterThanOrEqualTo(leastDb, rounded, $"with every result rounded to float16 {rounded:F1} dB");
        }
    }

    public double SqnrDb() => SqnrDb(Run(floatPath, SessionOptimization.All), Run(comparedPath, SessionOptimization.All));

    /// <summary>The signal to noise ratio against another quantization of the same model.</summary>
    public double SqnrDb(QuantizedModel other) => SqnrDb(Run(comparedPath, SessionOptimization.All), Run(other.comparedPath, SessionOptimization.All));

    /// <summary>Asserts by the types that the runtime infers for the graph as it is written that no node takes or gives floating-point numbers but constants.</summary>
    public void AssertNoFloat()
    {
        var exposed = Proto.Clone();
        var known = exposed.Graph.Output.Select(output => output.Name).ToHashSet();
        exposed.Graph.Output.AddRange(exposed.Graph.Node.SelectMany(node => node.Output).Where(known.Add).Select(name => new ValueInfoProto { Name = name }));
        using var session = ModelSession.Open(folder.Write("typed.onnx", Google.Protobuf.MessageExtensions.ToByteArray(exposed)), new SessionSettings { Optimization = SessionOptimization.None });
        foreach (var value in session.Inputs.Concat(session.Outputs))
        {
            Assert.IsTrue(value.Type is DataType.Uint8 or DataType.Int8 or DataType.Int32 or DataType.Int64 or DataType.Bool, $"'{value.Name}' is {value.Type}");
        }
    }

    /// <summary>The outputs of another model that takes the same inputs against those of the float model.</summary>
    public double SqnrDb(ModelProto other) => SqnrDb(Run(floatPath, SessionOptimization.All), Run(folder.Write("other.onnx", Google.Protobuf.MessageExtensions.ToByteArray(other)), SessionOptimization.All));

    public void Dispose() => folder.Dispose();

    public static double SqnrDb(float[] reference, float[] actual)
    {
        Assert.HasCount(reference.Length, actual);
        var (signal, noise) = (0.0, 0.0);
        for (var i = 0; i < reference.Length; i++)
        {
            signal += (double)reference[i] * reference[i];
            noise += Math.Pow((double)reference[i] - actual[i], 2);
        }

        return noise == 0 ? 200 : 10 * Math.Log10(signal / noise);
    }

    /// <summary>Asserts that the pass makes the same model of the ranges that calibration observes as of all.</summary>
    private void AssertObservedRangesSuffice(ICompressionPass pass, string[] keepFloat, ModelProto expected)
    {
        using var model = OnnxModel.Load(floatPath);
        var observed = ObservedActivations.Of(model.EditGraph());
        var ranges = Ranges.Where(range => observed.Contains(range.Key)).ToDictionary();
        pass.Apply(model, new PassContext(device, new ActivationRanges(ranges), keepFloat, CancellationToken.None));
        Assert.AreEqual(expected, model.Proto, $"with the ranges of {string.Join(", ", ranges.Keys)} only");
    }

    private float[] Run(string model, SessionOptimization optimization)
    {
        using var session = ModelSession.Open(model, new SessionSettings { Optimization = optimization, SignedActivations = HasSignedActivations });
        var outputs = new List<float>();
        foreach (var sample in samples)
        {
            session.Run(sample, (_, type, _, bytes) => outputs.AddRange(Singles(type, bytes)), CancellationToken.None);
        }

        return [.. outputs];
    }

    private static float[] Singles(DataType type, ReadOnlySpan<byte> bytes) => type switch
    {
        DataType.Float => MemoryMarshal.Cast<byte, float>(bytes).ToArray(),
        DataType.Float16 => Array.ConvertAll(MemoryMarshal.Cast<byte, Half>(bytes).ToArray(), value => (float)value),
        DataType.Double => Array.ConvertAll(MemoryMarshal.Cast<byte, double>(bytes).ToArray(), value => (float)value),
        _ => [],
    };

    /// <summary>The range of every float value, from a copy of the model that gives them all out.</summary>
    private Dictionary<string, ValueRange> Observe(ModelBuilder builder)
    {
        var exposed = builder.Build();
        var given = exposed.Graph.Output.Select(output => output.Name).ToHashSet();
        foreach (var output in exposed.Graph.Node.SelectMany(node => node.Output).Where(output => output.Length > 0 && !given.Contains(output)))
        {
            exposed.Graph.Output.Add(new ValueInfoProto { Name = output });
        }

        var exposedPath = folder.Write("exposed.onnx", Google.Protobuf.MessageExtensions.ToByteArray(exposed));
        using var session = ModelSession.Open(exposedPath, new SessionSettings { Optimization = SessionOptimization.None });
        var ranges = new Dictionary<string, ValueRange>();
        foreach (var sample in samples)
        {
            foreach (var (name, value) in sample.Where(value => value.Value is TensorValue { Type: DataType.Float }))
            {
                Include(name, ((TensorValue)value).Singles);
            }

            session.Run(
                sample,
                (index, type, shape, bytes) =>
                {
                    ranks[session.Outputs[index].Name] = shape.Length;
                    Include(session.Outputs[index].Name, type == DataType.Float ? MemoryMarshal.Cast<byte, float>(bytes) : []);
                },
                CancellationToken.None);
        }

        return ranges;

        void Include(string name, ReadOnlySpan<float> values)
        {
            foreach (var value in values)
            {
                var range = ranges.TryGetValue(name, out var known) ? known : new ValueRange(value, value);
                ranges[name] = new ValueRange(Math.Min(range.Minimum, value), Math.Max(range.Maximum, value));
            }
        }
    }

    private static Dictionary<string, ModelValue> Sample(ModelSession session, int seed)
    {
        var random = new Random(seed);
        return session.Inputs.ToDictionary(port => port.Name, port =>
        {
            var shape = Array.ConvertAll(port.Shape, dimension => dimension < 0 ? 2 : dimension);
            var count = shape.Aggregate(1L, (product, dimension) => product * dimension);
            return (ModelValue)(port.Type == DataType.Int64
                ? new TensorValue(DataType.Int64, shape, MemoryMarshal.AsBytes(Enumerable.Range(0, (int)count).Select(_ => random.NextInt64(4)).ToArray().AsSpan()).ToArray())
                : Tensor(shape, RandomTensors.Singles(random, count)));
        });
    }

    private static TensorValue Tensor(long[] shape, float[] values) => new TensorValue(DataType.Float, shape, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
}
