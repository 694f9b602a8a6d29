using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Quantization.Weights;
using ModelBuildTasks.Compression.SecondOrder;
using ModelBuildTasks.Compression.Tests.Modeling;
using ModelBuildTasks.Compression.Tests.Quantization;

namespace ModelBuildTasks.Compression.Tests.SecondOrder;

/// <summary>Layers of all kinds rounded by samples: what is told of the error is what ONNX Runtime gives, and it falls.</summary>
[TestClass]
public sealed class LayerRoundingTests
{
    private static readonly Dictionary<string, (Func<int, ModelBuilder> Builder, long[] Shape, double Alpha)> layers = new()
    {
        ["MatMul"] = (opset => Layer(opset, [8, 32], "MatMul", [32, 24]), [8, 32], 1),
        ["MatMul of a sequence"] = (opset => Layer(opset, [2, 5, 32], "MatMul", [32, 24]), [2, 5, 32], 1),
        ["Gemm"] = (opset => Layer(opset, [8, 32], "Gemm", [32, 24]), [8, 32], 1),
        ["Gemm with a bias"] = (opset => ModelBuilder.Create(opset).Input("x", 8, 32).Constant("w", RandomTensors.Weight(1, 32, 24)).Constant("b", RandomTensors.Row(2, 24)).Node("Gemm", ["x", "w", "b"], ["y"], "layer").Output("y"), [8, 32], 1),
        ["Gemm with a turned weight"] = (opset => Layer(opset, [8, 32], "Gemm", [24, 32], ("transB", 1)), [8, 32], 1),
        ["Gemm with a turned input"] = (opset => Layer(opset, [32, 8], "Gemm", [32, 24], ("transA", 1)), [32, 8], 1),
        ["Gemm with alpha"] = (opset => Layer(opset, [8, 32], "Gemm", [32, 24], ("alpha", 0.5f)), [8, 32], 0.5),
        ["Conv"] = (opset => Layer(opset, [1, 8, 7, 6], "Conv", [16, 8, 3, 3], ("pads", new[] { 1, 1, 1, 1 })), [1, 8, 7, 6], 1),
        ["Conv with strides and dilations"] = (opset => Layer(opset, [2, 8, 12, 9], "Conv", [16, 8, 3, 2], ("strides", new[] { 2, 1 }), ("dilations", new[] { 2, 1 })), [2, 8, 12, 9], 1),
        ["Conv along one dimension"] = (opset => Layer(opset, [2, 8, 12], "Conv", [16, 8, 5], ("auto_pad", "SAME_UPPER")), [2, 8, 12], 1),
        ["pointwise Conv"] = (opset => Layer(opset, [1, 32, 5, 5], "Conv", [24, 32, 1, 1]), [1, 32, 5, 5], 1),
        ["grouped Conv"] = (opset => Layer(opset, [1, 16, 7, 7], "Conv", [32, 4, 3, 3], ("group", 4)), [1, 16, 7, 7], 1),
        ["depthwise Conv"] = (opset => Layer(opset, [1, 64, 7, 7], "Conv", [64, 1, 3, 3], ("group", 64)), [1, 64, 7, 7], 1),
        ["depthwise Conv of two outputs"] = (opset => Layer(opset, [1, 32, 7, 7], "Conv", [64, 1, 3, 3], ("group", 32)), [1, 32, 7, 7], 1),
        ["MatMul of a turned weight"] = (opset => ModelBuilder.Create(opset).Input("x", 8, 32).Constant("w", RandomTensors.Weight(1, 24, 32)).Node("Transpose", ["w"], ["t"]).Node("MatMul", ["x", "t"], ["y"], "layer").Output("y"), [8, 32], 1),
        ["one output"] = (opset => Layer(opset, [40, 600], "Gemm", [1, 600], ("transB", 1)), [40, 600], 1),
    };

    public static IEnumerable<object[]> LayerNames => layers.Keys.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(LayerNames))]
    public void The_noise_told_is_the_error_of_the_output(string name)
    {
        using var trial = Trial(name);
        var (layer, weight, place) = trial.Told.Single();
        var rows = trial.Outputs().Length / (layer.Inputs.Outputs * layer.Inputs.Groups);

        Assert.AreEqual("1/1", place);
        AssertNear(trial.ErrorOf(trial.Result), weight.Levels, weight.Noise);
        Assert.IsLessThan(weight.NearestNoise, weight.Noise);
        Assert.IsLessThan(trial.ErrorOf(trial.Recorded), trial.ErrorOf(trial.Result));

        // Beside the damping: between nothing and a share of the inputs' squares, times that of the errors.
        void AssertNear(double error, sbyte[] levels, double noise)
        {
            var output = error / rows / (layers[name].Alpha * layers[name].Alpha);
            var (largest, errors) = (trial.Values.SelectMany(values => values).Max(value => (double)value * value), 0.0);
            var values = layer.Weight.Tensor.Singles();
            foreach (var part in ((ByteTarget)layer.Target).Quantized(layer.Weight, levels, length => new PayloadWriter(length)).Restored(layer.Weight.Axis))
            {
                for (var i = 0; i < part.Values.Length; i++)
                {
                    errors += Math.Pow(values[(int)part.Start + i] - part.Values.Span[i], 2);
                }
            }

            Assert.IsGreaterThanOrEqualTo(output * 0.999, noise);
            Assert.IsLessThanOrEqualTo((output * 1.001) + (0.1 * largest * errors), noise);
        }
    }

    [TestMethod]
    [DynamicData(nameof(LayerNames))]
    public void The_weights_of_a_layer_are_written_as_they_were_rounded(string name)
    {
        using var trial = Trial(name);
        var weight = trial.Told.Single().Weight;

        CollectionAssert.AreEqual(MemoryMarshal.AsBytes(weight.Levels.AsSpan()).ToArray(), Stored(trial.Result));
        CollectionAssert.AreNotEqual(MemoryMarshal.AsBytes(weight.Levels.AsSpan()).ToArray(), Stored(trial.Recorded));
    }

    [TestMethod]
    [DataRow(7)]
    [DataRow(9)]
    [DataRow(10)]
    [DataRow(11)]
    [DataRow(12)]
    [DataRow(13)]
    [DataRow(17)]
    [DataRow(20)]
    public void Models_of_old_and_new_operator_sets_are_rounded(int opset)
    {
        foreach (var name in new[] { "MatMul", "Gemm with a bias", "Conv" })
        {
            using var trial = Trial(name, opset: opset);

            Assert.HasCount(1, trial.Told, name);
            Assert.IsLessThan(trial.ErrorOf(trial.Recorded), trial.ErrorOf(trial.Result), name);
        }
    }

    [TestMethod]
    [DataRow("MatMul", false)]
    [DataRow("MatMul", true)]
    [DataRow("Gemm", false)]
    [DataRow("Gemm", true)]
    public void Blocks_of_four_bits_are_rounded_and_written(string operation, bool isSymmetric)
    {
        using var trial = new RoundingTrial(Layer(21, [40, 200], operation, [200, 96]), [40, 200], FormatAssignment.Int4Weights(new BlockOptions(32, isSymmetric)));
        var weight = trial.Told.Single().Weight;
        var gain = 10 * Math.Log10(trial.ErrorOf(trial.Recorded) / trial.ErrorOf(trial.Result));

        Assert.AreEqual("int4", weight.Target.Format);
        Assert.IsGreaterThan(3, gain);
        Assert.IsGreaterThan(weight.NearestSqnrDb + 3, weight.SqnrDb);
    }

    [TestMethod]
    public void A_weight_that_two_layers_read_is_rounded_by_the_inputs_of_both()
    {
        var builder = ModelBuilder.Create().Input("x", 8, 32).Constant("w", RandomTensors.Weight(1, 32, 32))
            .Node("MatMul", ["x", "w"], ["p"]).Node("Tanh", ["p"], ["h"]).Node("MatMul", ["h", "w"], ["y"]).Output("y").Output("h");
        using var trial = new RoundingTrial(builder, [8, 32]);
        var (layer, weight, _) = trial.Told.Single();
        var hessian = new LayerHessian(32);
        hessian.Add([.. trial.Values.SelectMany(values => values), .. trial.Outputs(output: "h")]);

        Assert.HasCount(2, layer.Readers);
        CollectionAssert.AreEqual(LayerRounding.Round(layer, [hessian], CancellationToken.None).Levels, weight.Levels);
    }

    [TestMethod]
    public void A_later_step_is_rounded_by_what_the_rounded_layers_before_it_give()
    {
        foreach (var steps in new[] { 1, 2 })
        {
            using var trial = new RoundingTrial(TwoLayers(), [8, 32], steps: steps);
            var (layer, weight, _) = trial.Told[1];
            var hessian = new LayerHessian(32);
            hessian.Add(trial.Outputs(steps == 1 ? null : trial.Result, "h"));

            CollectionAssert.AreEqual(LayerRounding.Round(layer, [hessian], CancellationToken.None).Levels, weight.Levels, $"{steps} steps");
        }
    }

    [TestMethod]
    public void Inputs_that_are_always_zero_leave_the_nearest_values()
    {
        using var trial = Trial("MatMul", change: Array.Clear);

        CollectionAssert.AreEqual(Stored(trial.Recorded), Stored(trial.Result));
        Assert.HasCount(1, trial.Told);
    }

    [TestMethod]
    public void An_input_that_is_always_zero_changes_no_other()
    {
        using var trial = Trial("MatMul", change: values =>
        {
            for (var i = 3; i < values.Length; i += 32)
            {
                values[i] = 0;
            }
        });

        Assert.IsLessThan(trial.ErrorOf(trial.Recorded), trial.ErrorOf(trial.Result));
        CollectionAssert.AreEqual(Stored(trial.Recorded)[(3 * 24)..(4 * 24)], Stored(trial.Result)[(3 * 24)..(4 * 24)]);
    }

    [TestMethod]
    public void Inputs_that_are_not_finite_leave_the_nearest_values_of_their_layer_alone()
    {
        var builder = ModelBuilder.Create().Input("x", 8, 32).Constant("w1", RandomTensors.Weight(1, 32, 32)).Constant("w2", RandomTensors.Weight(2, 32, 24))
            .Node("Abs", ["x"], ["a"]).Node("Log", ["a"], ["l"]).Node("MatMul", ["l", "w1"], ["h"]).Node("MatMul", ["x", "w2"], ["y"]).Output("y").Output("h");
        using var trial = new RoundingTrial(builder, [8, 32], change: values => values[5] = 0);

        var (layer, _, place) = trial.Told.Single();
        Assert.AreEqual("w2", layer.Weight.Name);
        Assert.AreEqual("2/2", place);
    }

    [TestMethod]
    public void No_output_is_worse_than_with_nearest_values()
    {
        foreach (var name in layers.Keys)
        {
            using var trial = Trial(name);

            Assert.IsLessThanOrEqualTo(trial.Told[0].Weight.NearestNoise, trial.Told[0].Weight.Noise, name);
            Assert.IsGreaterThan(trial.Told[0].Weight.NearestSqnrDb, trial.Told[0].Weight.SqnrDb, name);
        }
    }

    [TestMethod]
    public void An_LSTM_keeps_its_nearest_values()
    {
        var builder = ModelBuilder.Create().Input("x", 5, 1, 24).Constant("w", RandomTensors.Weight(1, 1, 96, 24)).Constant("r", RandomTensors.Weight(2, 1, 96, 24))
            .Node("LSTM", ["x", "w", "r"], ["y"], "lstm", ("hidden_size", 24)).Output("y");
        using var trial = new RoundingTrial(builder, [5, 1, 24]);

        Assert.IsEmpty(trial.Told);
        Assert.AreEqual(trial.Recorded, trial.Result);
    }

    [TestMethod]
    public void A_weight_that_a_branch_defines_keeps_its_nearest_values()
    {
        GraphProto Branch(int seed) => ModelBuilder.Subgraph(branch => branch.Constant("v", RandomTensors.Weight(seed, 32, 24)).Node("MatMul", ["x", "v"], ["inner"], "hidden").Output("inner"));
        var builder = ModelBuilder.Create().Input("x", 8, 32).Constant("c", new TensorProto { DataType = (int)TensorProto.Types.DataType.Bool, Int32Data = { 1 } })
            .Node("If", ["c"], ["y"], "choice", ("then_branch", Branch(1)), ("else_branch", Branch(2))).Output("y");
        using var trial = new RoundingTrial(builder, [8, 32]);

        Assert.IsEmpty(trial.Told);
        Assert.AreEqual(trial.Recorded, trial.Result);
    }

    [TestMethod]
    public void A_stack_of_matrices_and_a_weight_on_the_left_keep_their_nearest_values()
    {
        var builder = ModelBuilder.Create().Input("x", 2, 32, 16).Constant("l", RandomTensors.Weight(1, 32, 32)).Constant("s", RandomTensors.Weight(2, 2, 16, 24))
            .Node("MatMul", ["l", "x"], ["h"]).Node("MatMul", ["h", "s"], ["y"]).Output("y");
        using var trial = new RoundingTrial(builder, [2, 32, 16]);

        Assert.IsNotEmpty(trial.Targets);
        Assert.IsEmpty(trial.Told);
        Assert.AreEqual(trial.Recorded, trial.Result);
    }

    private static RoundingTrial Trial(string name, FormatAssignment? formats = null, int opset = 13, Action<float[]>? change = null) => new(layers[name].Builder(opset), layers[name].Shape, formats, change: change);

    private static ModelBuilder TwoLayers() => ModelBuilder.Create().Input("x", 8, 32).Constant("w1", RandomTensors.Weight(1, 32, 32)).Constant("w2", RandomTensors.Weight(2, 32, 24))
        .Node("MatMul", ["x", "w1"], ["p"]).Node("Tanh", ["p"], ["h"]).Node("MatMul", ["h", "w2"], ["y"]).Output("y").Output("h");

    private static ModelBuilder Layer(int opset, long[] shape, string operation, long[] weight, params (string Name, object Value)[] attributes) =>
        ModelBuilder.Create(opset).Input("x", shape).Constant("w", RandomTensors.Weight(1, weight)).Node(operation, ["x", "w"], ["y"], "layer", attributes).Output("y");

    /// <summary>The bytes of the model's only weight.</summary>
    private static byte[] Stored(ModelProto model) => model.Graph.Initializer.Where(tensor => tensor.ElementType() == TensorProto.Types.DataType.Int8).MaxBy(tensor => tensor.ElementCount())!.RawData.ToByteArray();
}
