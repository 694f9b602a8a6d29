using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Smoothing;
using ModelBuildTasks.Compression.Tests.Calibration;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Quantization.Smoothing;

[TestClass]
public sealed class SmoothQuantTests
{
    private const int Size = 16;

    private static readonly int[] Factors = [-3, 0, 1, 0, 0, -6, 0, 0, 2, 0, 0, 0, 0, 0, 0, 5];

    [TestMethod]
    public void A_small_normalization_and_two_layers_are_scaled_as_by_hand()
    {
        using var folder = new TemporaryFolder();
        using var model = ModelBuilder.Create(17).Input("x", 3, 2).Constant("scale", [8f, 1], 2).Constant("bias", [-4f, 0.5f], 2)
            .Constant("v", [1f, 2, 3, 4], 2, 2).Constant("w", [1f, 2, 3, 4], 2, 2)
            .Node("LayerNormalization", ["x", "scale", "bias"], ["n"], "norm").Node("MatMul", ["n", "v"], ["y"], "first").Node("Gemm", ["n", "w"], ["z"], "second", ("transB", 1))
            .Output("y").Output("z").Load(folder);

        SmoothQuant.Apply(model, new Dictionary<string, int[]> { ["n"] = [-2, 1] });

        CollectionAssert.AreEqual(new[] { 2f, 2 }, Input(model, "norm", 1));
        CollectionAssert.AreEqual(new[] { -1f, 1 }, Input(model, "norm", 2));
        CollectionAssert.AreEqual(new[] { 4f, 8, 1.5f, 2 }, Input(model, "first", 1));
        CollectionAssert.AreEqual(new[] { 4f, 1, 12, 2 }, Input(model, "second", 1));
        Assert.HasCount(4, model.Proto.Graph.Initializer);
    }

    [TestMethod]
    [DataRow("normalization")]
    [DataRow("pieces of a normalization")]
    [DataRow("layer")]
    [DataRow("layer with a sum and a Relu")]
    [DataRow("gate")]
    [DataRow("reshaped normalization")]
    public void The_float_model_keeps_its_bits_behind_a(string source)
    {
        for (var seed = 0; seed < 5; seed++)
        {
            using var folder = new TemporaryFolder();
            using var model = Model(source, seed).Load(folder);
            Assert.AreEqual("n 16", string.Join(", ", SmoothQuant.Channels(model).Select(each => $"{each.Key} {each.Value}")));
            SmoothQuant.Apply(model, new Dictionary<string, int[]> { ["n"] = Factors });
            model.Save(folder.File("smoothed.onnx"));

            var (before, after) = (Run(model.Path, "n", seed), Run(folder.File("smoothed.onnx"), "n", seed));
            CollectionAssert.AreEqual(before["y"], after["y"]);
            CollectionAssert.AreEqual(before["z"], after["z"]);
            CollectionAssert.AreEqual(before["n"].Select((value, index) => MathF.ScaleB(value, Factors[index % Size])).ToArray(), after["n"]);
        }
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("the shape alone is read too")]
    [DataRow("another node reads the activation")]
    [DataRow("the activation is an output")]
    [DataRow("a subgraph reads the activation")]
    [DataRow("a weight has another reader")]
    [DataRow("a weight is computed")]
    [DataRow("nothing in front takes the factors in")]
    [DataRow("another node reads what takes them in")]
    [DataRow("a layer reads other rows")]
    public void An_activation_is_left_alone_where(string reason)
    {
        using var folder = new TemporaryFolder();
        var builder = Weights(ModelBuilder.Create(17).Input("x", 4, Size), 1).Node("LayerNormalization", ["x", "scale", "bias"], ["m"]);
        builder = reason switch
        {
            "nothing in front takes the factors in" => builder.Node("Sigmoid", ["m"], ["n"]),
            "another node reads what takes them in" => builder.Node("Relu", ["m"], ["n"]).Node("Neg", ["m"], ["u"]).Output("u"),
            _ => builder.Node("Relu", ["m"], ["n"]),
        };
        var weight = reason == "a weight is computed" ? "computed" : "v";
        builder = weight == "v" ? builder : builder.Node("Abs", ["v"], [weight]);
        builder.Node("MatMul", ["n", weight], ["y"]).Node("Gemm", ["n", "w", "b"], ["z"]).Output("y").Output("z");
        builder = reason switch
        {
            "the shape alone is read too" => builder.Node("Shape", ["n"], ["s"]).Output("s", DataType.Int64),
            "another node reads the activation" => builder.Node("Neg", ["n"], ["u"]).Output("u"),
            "the activation is an output" => builder.Output("n"),
            "a subgraph reads the activation" => builder.Constant("yes", TensorValues.Create("yes", DataType.Bool, Google.Protobuf.ByteString.CopyFrom(1))).Node("If", ["yes"], ["u"], ("then_branch", Branch("Neg")), ("else_branch", Branch("Abs"))).Output("u"),
            "a weight has another reader" => builder.Node("MatMul", ["x", "v"], ["u"]).Output("u"),
            "a layer reads other rows" => builder.Constant("shape", [-1L, Size / 2], 2).Node("Reshape", ["n", "shape"], ["half"]).Constant("h", RandomTensors.Weight(5, Size / 2, 3)).Node("MatMul", ["half", "h"], ["u"]).Output("u"),
            _ => builder,
        };
        using var model = builder.Load(folder);

        Assert.HasCount(reason is "" or "the shape alone is read too" ? 1 : 0, SmoothQuant.Channels(model));

        static GraphProto Branch(string operation) => ModelBuilder.Subgraph(branch => branch.Node(operation, ["n"], ["negative"]).Output("negative"));
    }

    [TestMethod]
    public void Large_channels_become_alike_for_all_layers_that_read_them()
    {
        for (var seed = 0; seed < 3; seed++)
        {
            using var folder = new TemporaryFolder();
            using var model = Model("normalization", seed, channel => channel % 7 == 3 ? 64 : 1).Load(folder);

            var found = Measure(model, folder, seed);

            Assert.AreEqual("n", found.Keys.Single());
            for (var channel = 0; channel < Size; channel++)
            {
                Assert.AreEqual(channel % 7 == 3 ? -6 : 0, found["n"][channel], 1, $"seed {seed}, channel {channel}: {string.Join(' ', found["n"])}");
            }
        }
    }

    [TestMethod]
    public void A_model_without_large_channels_is_left_alone()
    {
        for (var seed = 0; seed < 10; seed++)
        {
            using var folder = new TemporaryFolder();
            using var model = Model("normalization", seed).Load(folder);
            var before = model.Proto.Clone();

            Assert.IsEmpty(Measure(model, folder, seed));
            Assert.AreEqual(before, model.Proto);
        }
    }

    [TestMethod]
    public void The_same_is_found_each_time()
    {
        using var folder = new TemporaryFolder();
        using var model = Model("normalization", 1, channel => channel == 5 ? 40 : 1).Load(folder);

        CollectionAssert.AreEqual(Measure(model, folder, 1)["n"], Measure(model, folder, 1)["n"]);
    }

    [TestMethod]
    public void Means_are_taken_back_and_ranges_of_smoothed_activations_forgotten()
    {
        using var folder = new TemporaryFolder();
        using var model = Model("reshaped normalization", 1).Load(folder);
        var ranges = new ActivationRanges(new Dictionary<string, ValueRange> { ["x"] = new(0, 1), ["n"] = new(0, 1), ["r"] = new(0, 1) })
        {
            Means = new Dictionary<string, float[]> { ["x"] = [1, 2], ["r"] = [.. Enumerable.Repeat(1f, Size)] },
            Smoothed = new Dictionary<string, int[]> { ["n"] = Factors },
        };

        var taken = SmoothQuant.TakeBack(ranges, model);

        Assert.AreEqual("x", taken.Ranges.Keys.Single());
        Assert.IsEmpty(taken.Smoothed);
        CollectionAssert.AreEqual(new[] { 1f, 2 }, taken.Means["x"]);
        CollectionAssert.AreEqual(Factors.Select(factor => MathF.ScaleB(1, -factor)).ToArray(), taken.Means["r"]);
    }

    private static IReadOnlyDictionary<string, int[]> Measure(OnnxModel model, TemporaryFolder folder, int seed)
    {
        var samples = Samples.Open(folder.Write("data.npz", Npy.Archive(("x", Npy.Array(RandomTensors.Singles(new Random(seed), 20 * 4 * Size), 20, 4, Size)))), Samples.Port("x", 4, Size));
        return SmoothQuant.Measure(model, samples, [.. Enumerable.Range(0, 20)], CalibrationMethod.Auto, CancellationToken.None);
    }

    /// <summary>Two layers that read the activation <c>n</c>.</summary>
    private static ModelBuilder Model(string source, int seed, Func<int, float>? factor = null)
    {
        var builder = Weights(ModelBuilder.Create(17).Input("x", 4, Size), seed, factor);
        builder = source switch
        {
            "normalization" or "reshaped normalization" => builder.Node("LayerNormalization", ["x", "scale", "bias"], ["n"]),
            "pieces of a normalization" => builder.Node("Tanh", ["x"], ["t"]).Node("Mul", ["scale", "t"], ["m"]).Node("Add", ["m", "bias"], ["n"]),
            "layer" => builder.Node("Gemm", ["x", "u", "bias"], ["n"]),
            "layer with a sum and a Relu" => builder.Node("MatMul", ["x", "u"], ["m"]).Node("Add", ["bias", "m"], ["a"]).Node("Relu", ["a"], ["n"]),
            _ => builder.Node("MatMul", ["x", "u"], ["up"]).Node("Sigmoid", ["x"], ["g"]).Node("Mul", ["g", "up"], ["n"]),
        };
        var read = "n";
        if (source == "reshaped normalization")
        {
            builder.Constant("shape", [2L, 2, Size], 3).Node("Reshape", ["n", "shape"], ["r"]);
            read = "r";
        }

        return builder.Node("MatMul", [read, "v"], ["y"]).Node(read == "n" ? "Gemm" : "MatMul", read == "n" ? ["n", "w", "b"] : ["r", "w"], ["z"]).Output("y").Output("z");
    }

    private static ModelBuilder Weights(ModelBuilder builder, int seed, Func<int, float>? factor = null)
    {
        factor ??= _ => 1;
        return builder.Constant("scale", [.. Enumerable.Range(0, Size).Select(channel => factor(channel) * (1 + (0.01f * channel)))], Size)
            .Constant("bias", [.. RandomTensors.Singles(new Random(seed), Size, 0.1).Select((value, channel) => value * factor(channel))], Size).Constant("u", RandomTensors.Weight(seed, Size, Size))
            .Constant("v", Divided(RandomTensors.Weight(seed + 1, Size, 24))).Constant("w", Divided(RandomTensors.Weight(seed + 2, Size, 8))).Constant("b", RandomTensors.Row(seed, 8));

        TensorProto Divided(TensorProto weight) => TensorValues.Create("", weight.Singles().ToArray().Select((value, index) => value / factor(index / (int)weight.Dims[1])).ToArray(), [.. weight.Dims]);
    }

    private static Dictionary<string, float[]> Run(string path, string shown, int seed)
    {
        using var model = OnnxModel.Load(path);
        using var session = ObservedModel.Open(model, new HashSet<string> { shown });
        var inputs = new Dictionary<string, ModelValue> { ["x"] = new TensorValue(DataType.Float, [4, Size], MemoryMarshal.AsBytes(RandomTensors.Singles(new Random(seed), 4 * Size).AsSpan()).ToArray()) };
        var outputs = new System.Collections.Concurrent.ConcurrentDictionary<string, float[]>();
        session.Run(inputs, (index, _, _, bytes) => outputs[session.Outputs[index].Name] = MemoryMarshal.Cast<byte, float>(bytes).ToArray(), CancellationToken.None);
        return new(outputs);
    }

    private static float[] Input(OnnxModel model, string node, int index)
    {
        var name = model.Proto.Graph.Node.Single(each => each.Name == node).Input[index];
        return model.Proto.Graph.Initializer.Single(tensor => tensor.Name == name).Singles().ToArray();
    }
}
