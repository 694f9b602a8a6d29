using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Quantization.Corrections;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Quantization.Corrections;

[TestClass]
public sealed class CrossLayerEqualizationTests
{
    private const int Side = 5;

    [TestMethod]
    public void A_small_pair_is_equalized_as_by_hand()
    {
        // Channel 0: ranges 1 and 1/16, so its factor is 1/4. Channel 1: 1/16 and 1, so 4. Both ranges are 1/4 then.
        using var folder = new TemporaryFolder();
        using var model = ModelBuilder.Create().Input("x", 1, 2, Side, Side)
            .Constant("v", [1, 0, 0, 0.0625f], 2, 2, 1, 1).Constant("b", [0.5f, 0.03125f], 2).Constant("w", [0.0625f, 1, 0.03125f, 0.5f], 2, 2, 1, 1)
            .Node("Conv", ["x", "v", "b"], ["h"], "first").Node("Relu", ["h"], ["r"]).Node("Conv", ["r", "w"], ["y"], "second").Output("y", 1, 2, Side, Side).Load(folder);

        Assert.HasCount(1, CrossLayerEqualization.Apply(model));

        CollectionAssert.AreEqual(new[] { 0.25f, 0, 0, 0.25f }, Input(model, "first", 1));
        CollectionAssert.AreEqual(new[] { 0.125f, 0.125f }, Input(model, "first", 2));
        CollectionAssert.AreEqual(new[] { 0.25f, 0.25f, 0.125f, 0.125f }, Input(model, "second", 1));
        Assert.HasCount(3, model.Proto.Graph.Initializer);
    }

    [TestMethod]
    [DataRow("Relu")]
    [DataRow("LeakyRelu")]
    [DataRow("PRelu")]
    [DataRow("MaxPool")]
    [DataRow("AveragePool")]
    [DataRow("Identity")]
    public void The_function_of_a_chain_with_a_depthwise_layer_stays_the_same(string between)
    {
        for (var seed = 0; seed < 5; seed++)
        {
            var builder = ModelBuilder.Create().Input("x", 1, 3, Side, Side).Constant("slope", [.. Enumerable.Range(0, 8).Select(channel => 0.1f * channel)], 8, 1, 1);
            builder.Constant("u", Uneven(seed, 8, 3, 3, 3)).Constant("a", Scaled(RandomTensors.Row(seed, 8), index => -Exponent(index))).Constant("v", Scaled(RandomTensors.Weight(seed + 9, 8, 1, 3, 3), index => 2 * Exponent(index / 9))).Constant("w", Scaled(RandomTensors.Weight(seed, 6, 8, 1, 1), index => -Exponent(index % 8))).Constant("c", RandomTensors.Row(seed + 1, 6))
                .Node("Conv", ["x", "u", "a"], ["h"], ("pads", new[] { 1, 1, 1, 1 }));
            Between(builder, "h", "i");
            builder.Node("Conv", ["i", "v"], ["j"], ("group", 8));
            Between(builder, "j", "k");
            builder.Node("Conv", ["k", "w", "c"], ["y"]).Output("y");

            AssertSame(builder, [1, 3, Side, Side], 2, seed);
        }

        void Between(ModelBuilder builder, string input, string output)
        {
            var isPool = between.EndsWith("Pool", StringComparison.Ordinal);
            builder.Node(between, between == "PRelu" ? [input, "slope"] : [input], [output], isPool ? [("kernel_shape", new[] { 2, 2 }), ("pads", new[] { 1, 1, 1, 1 })] : []);
        }
    }

    [TestMethod]
    public void The_function_of_products_and_of_grouped_layers_stays_the_same()
    {
        for (var seed = 0; seed < 5; seed++)
        {
            AssertSame(
                ModelBuilder.Create().Input("x", 2, 12).Constant("u", Uneven(seed, 10, 12)).Constant("b", Scaled(RandomTensors.Row(seed, 10), index => -Exponent(index))).Constant("v", Scaled(RandomTensors.Weight(seed, 10, 7), index => Exponent(index / 7)))
                    .Node("Gemm", ["x", "u", "b"], ["h"], ("transB", 1), ("beta", 0.5f)).Node("Relu", ["h"], ["r"]).Node("MatMul", ["r", "v"], ["y"]).Output("y"),
                [2, 12],
                1,
                seed);
            AssertSame(
                ModelBuilder.Create().Input("x", 1, 4, Side, Side).Constant("u", Uneven(seed, 8, 2, 1, 1)).Constant("v", Scaled(RandomTensors.Weight(seed, 6, 4, 3, 3), index => Exponent((index / 9 % 4) + (index / 108 * 4))))
                    .Node("Conv", ["x", "u"], ["h"], ("group", 2)).Node("Conv", ["h", "v"], ["y"], ("group", 2)).Output("y"),
                [1, 4, Side, Side],
                1,
                seed);
        }
    }

    [TestMethod]
    public void The_estimated_error_of_what_is_equalized_becomes_smaller()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            using var folder = new TemporaryFolder();
            using var model = Pair(seed).Load(folder);
            var before = Estimate(model);
            Assert.HasCount(1, CrossLayerEqualization.Apply(model), $"seed {seed}");
            Assert.IsLessThan(before / 4, Estimate(model));
        }
    }

    [TestMethod]
    public void Bytes_keep_more_of_what_is_equalized()
    {
        for (var seed = 0; seed < 3; seed++)
        {
            var samples = RandomTensors.Singles(new Random(seed), 8 * 8 * Side * Side);
            using var model = new CorrectedModel(Pair(seed), isEqualized: false, samples, 8, 8, Side, Side);
            using var equalized = new CorrectedModel(Pair(seed), isEqualized: true, samples, 8, 8, Side, Side);

            Assert.IsGreaterThan(model.SqnrDb(FormatAssignment.Int8, CorrectionSwitches.All) + 3, equalized.SqnrDb(FormatAssignment.Int8, CorrectionSwitches.All), $"seed {seed}");
        }
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("a Clip lies between")]
    [DataRow("a HardSwish lies between")]
    [DataRow("the value between is an output")]
    [DataRow("another node reads the value between")]
    [DataRow("the first weight has another reader")]
    [DataRow("the bias is computed")]
    [DataRow("the channels share a range already")]
    public void Nothing_is_changed_where(string reason)
    {
        using var folder = new TemporaryFolder();
        var activation = reason switch { "a Clip lies between" => "Clip", "a HardSwish lies between" => "HardSwish", _ => "Relu" };
        var even = reason == "the channels share a range already";
        var builder = ModelBuilder.Create(14).Input("x", 1, 8, Side, Side).Constant("six", [6f]).Constant("zero", [0f]).Constant("u", even ? RandomTensors.Weight(1, 8, 8, 1, 1) : Uneven(1, 8, 8, 1, 1)).Constant("v", Scaled(RandomTensors.Weight(2, 8, 8, 1, 1), index => even ? 0 : Exponent(index % 8))).Constant("b", Scaled(RandomTensors.Row(3, 8), index => -Exponent(index)));
        var bias = "b";
        if (reason == "the bias is computed")
        {
            builder.Node("GlobalMaxPool", ["x"], ["pooled"]).Constant("shape", [8L], 1).Node("Reshape", ["pooled", "shape"], ["computed"]);
            bias = "computed";
        }

        builder.Node("Conv", ["x", "u", bias], ["h"]).Node(activation, activation == "Clip" ? ["h", "zero", "six"] : ["h"], ["r"]).Node("Conv", ["r", "v"], ["y"]).Output("y");
        builder = reason switch
        {
            "the value between is an output" => builder.Output("r"),
            "another node reads the value between" => builder.Node("Neg", ["r"], ["z"]).Output("z"),
            "the first weight has another reader" => builder.Node("Conv", ["x", "u"], ["z"]).Output("z"),
            _ => builder,
        };
        using var model = builder.Load(folder);
        var before = model.Proto.Clone();

        // Without a reason it is equalized: the others must not pass for another one.
        Assert.HasCount(reason.Length == 0 ? 1 : 0, CrossLayerEqualization.Apply(model));

        Assert.AreEqual(reason.Length > 0, before.Equals(model.Proto));
    }

    private static ModelBuilder Pair(int seed) => ModelBuilder.Create().Input("x", 1, 8, Side, Side).Constant("u", Uneven(seed, 16, 8, 1, 1)).Constant("b", Scaled(RandomTensors.Row(seed, 16), index => -Exponent(index))).Constant("v", Scaled(RandomTensors.Weight(seed, 8, 16, 1, 1), index => Exponent(index % 16)))
        .Node("Conv", ["x", "u", "b"], ["h"]).Node("Relu", ["h"], ["r"]).Node("Conv", ["r", "v"], ["y"]).Output("y");

    private static double Estimate(OnnxModel model)
    {
        var graph = model.EditGraph();
        var pair = LayerPair.Of(graph).Single();
        var first = new ScaledLayer(pair.First, graph);
        return EqualizationError.Of(first, new ScaledLayer(pair.Second, graph), pair.IsRectified, new int[first.Layout.Outputs]);
    }

    /// <summary>A weight whose output channels have ranges from 1 to 1/256.</summary>
    private static TensorProto Uneven(int seed, params long[] dims) => Scaled(RandomTensors.Weight(seed, dims), index => -Exponent((int)(index / (dims.Aggregate(1L, (product, dimension) => product * dimension) / dims[0]))));

    /// <summary>A weight whose layer brings those channels back to one range: what is read of each is the larger.</summary>
    private static TensorProto Scaled(TensorProto weight, Func<int, int> exponent) =>
        TensorValues.Create("", weight.Singles().ToArray().Select((value, index) => MathF.ScaleB(value, exponent(index))).ToArray(), [.. weight.Dims]);

    private static int Exponent(int channel) => channel * 5 % 9;

    private static void AssertSame(ModelBuilder builder, long[] shape, int pairs, int seed)
    {
        using var folder = new TemporaryFolder();
        using var model = builder.Load(folder);
        Assert.HasCount(pairs, CrossLayerEqualization.Apply(model), $"seed {seed}");
        var equalized = folder.File("equalized.onnx");
        model.Save(equalized);
        var (expected, actual) = (Run(model.Path, shape, seed), Run(equalized, shape, seed));
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], actual[i], 1e-5f * expected.Max(Math.Abs), $"seed {seed}, at {i}");
        }
    }

    private static float[] Run(string path, long[] shape, int seed)
    {
        using var session = ModelSession.Open(path, new SessionSettings());
        var values = RandomTensors.Singles(new Random(seed), shape.Aggregate(1L, (product, dimension) => product * dimension));
        float[] outputs = [];
        var inputs = new Dictionary<string, ModelValue> { ["x"] = new TensorValue(DataType.Float, shape, MemoryMarshal.AsBytes(values.AsSpan()).ToArray()) };
        session.Run(inputs, (_, _, _, bytes) => outputs = MemoryMarshal.Cast<byte, float>(bytes).ToArray(), CancellationToken.None);
        return outputs;
    }

    private static float[] Input(OnnxModel model, string node, int index)
    {
        var name = model.Proto.Graph.Node.Single(each => each.Name == node).Input[index];
        return model.Proto.Graph.Initializer.Single(tensor => tensor.Name == name).Singles().ToArray();
    }
}
