using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Quantization;

/// <summary>Every operator that computes in float16 loads and is right in ONNX Runtime, between two layers.</summary>
[TestClass]
public sealed class HalfOperatorsTests
{
    [TestMethod]
    [DataRow("Abs", 7)]
    [DataRow("Elu", 7)]
    [DataRow("Erf", 9)]
    [DataRow("Gelu", 20)]
    [DataRow("HardSigmoid", 7)]
    [DataRow("HardSwish", 14)]
    [DataRow("Identity", 7)]
    [DataRow("LeakyRelu", 7)]
    [DataRow("LogSoftmax", 13)]
    [DataRow("Max", 7)]
    [DataRow("Min", 7)]
    [DataRow("Neg", 7)]
    [DataRow("Relu", 7)]
    [DataRow("Selu", 7)]
    [DataRow("Sigmoid", 7)]
    [DataRow("Sign", 9)]
    [DataRow("Softmax", 13)]
    [DataRow("Softsign", 7)]
    [DataRow("Sum", 7)]
    [DataRow("Tanh", 7)]
    [DataRow("ThresholdedRelu", 10)]
    [DataRow("Transpose", 7)]
    [DataRow("Clip", 7)]
    [DataRow("Dropout", 7)]
    [DataRow("Dropout", 13)]
    [DataRow("GlobalMaxPool", 7)]
    public void Of_one_input(string operation, int opset) => AssertHalf(opset, operation, ["p"]);

    [TestMethod]
    [DataRow("Add")]
    [DataRow("Div")]
    [DataRow("Max")]
    [DataRow("Min")]
    [DataRow("Mul")]
    [DataRow("PRelu")]
    [DataRow("Sub")]
    [DataRow("Sum")]
    public void Of_a_constant(string operation)
    {
        foreach (var opset in (int[])[8, 13])
        {
            AssertHalf(opset, operation, ["p", "c"], builder => builder.Constant("c", [0.5f, -2, 3, 0.25f], 4, 1, 1));
        }
    }

    [TestMethod]
    [DataRow(11)]
    [DataRow(13)]
    public void Clip_with_bounds_that_are_inputs(int opset) => AssertHalf(opset, "Clip", ["p", "low", "high"], builder => builder.Constant("low", [-0.5f]).Constant("high", [1f]));

    [TestMethod]
    [DataRow(9)]
    [DataRow(13)]
    public void Where_with_a_condition_of_bits(int opset) => AssertHalf(opset, "Where", ["d", "p", "c"], builder => builder.Constant("c", [0.5f]).Node("Greater", ["x", "c"], ["d"]));

    [TestMethod]
    [DataRow(7)]
    [DataRow(13)]
    public void Concat_and_Split(int opset)
    {
        AssertHalf(opset, "Concat", ["p", "p"], attributes: ("axis", 1));
        AssertHalf(opset, "Split", ["p"], attributes: ("axis", 1), outputs: ["o", "second"]);
    }

    [TestMethod]
    [DataRow(11)]
    [DataRow(13)]
    public void Movers_with_integers_beside_the_values(int opset)
    {
        AssertHalf(opset, "Reshape", ["p", "i"], builder => builder.Constant("i", [1L, 2L, 2L, 4L], 4));
        AssertHalf(opset, "Expand", ["p", "i"], builder => builder.Constant("i", [2L, 4L, 2L, 2L], 4));
        AssertHalf(opset, "Tile", ["p", "i"], builder => builder.Constant("i", [1L, 2L, 1L, 1L], 4));
        AssertHalf(opset, "Gather", ["p", "i"], builder => builder.Constant("i", [1L, 0L], 2), ("axis", 1));
        AssertHalf(opset, "GatherElements", ["p", "i"], builder => builder.Constant("i", [1L], 1, 1, 1, 1), ("axis", 1));
        AssertHalf(opset, "GatherND", ["p", "i"], builder => builder.Constant("i", [0L, 1L], 1, 2));
        AssertHalf(opset, "ScatterND", ["p", "i", "u"], builder => builder.Constant("i", [0L, 1L, 1L, 1L], 1, 4).Constant("u", [0.5f], 1));
        AssertHalf(opset, "ScatterElements", ["p", "i", "u"], builder => builder.Constant("i", [1L], 1, 1, 1, 1).Constant("u", [0.5f], 1, 1, 1, 1), ("axis", 1));
        AssertHalf(opset, "Slice", ["p", "i", "j"], builder => builder.Constant("i", [0L], 1).Constant("j", [1L], 1));
        AssertHalf(opset, "Pad", ["p", "i", "v"], builder => builder.Constant("i", [0L, 0L, 1L, 1L, 0L, 0L, 0L, 1L], 8).Constant("v", [0.25f]));
        AssertHalf(opset, "Flatten", ["p"]);
    }

    [TestMethod]
    public void Movers_with_attributes()
    {
        AssertHalf(11, "Squeeze", ["p"], attributes: ("axes", new[] { 0 }));
        AssertHalf(11, "Unsqueeze", ["p"], attributes: ("axes", new[] { 0 }));
        AssertHalf(9, "Slice", ["p"], attributes: [("starts", new[] { 0 }), ("ends", new[] { 1 })]);
        AssertHalf(9, "Pad", ["p"], attributes: [("pads", new[] { 0, 0, 1, 1, 0, 0, 0, 1 }), ("value", 0.25f)]);
        AssertHalf(13, "DepthToSpace", ["p"], attributes: ("blocksize", 2));
        AssertHalf(13, "SpaceToDepth", ["p"], attributes: ("blocksize", 2));
        AssertHalf(9, "Upsample", ["p", "s"], builder => builder.Constant("s", [1f, 1f, 2f, 2f], 4));
    }

    [TestMethod]
    [DataRow(7)]
    [DataRow(12)]
    [DataRow(13)]
    public void Pools_and_extremes_of_a_few_values(int opset)
    {
        AssertHalf(opset, "MaxPool", ["p"], attributes: ("kernel_shape", new[] { 2, 2 }));
        AssertHalf(opset, "AveragePool", ["p"], attributes: ("kernel_shape", new[] { 2, 2 }));
        AssertHalf(opset, "ReduceMax", ["p"], attributes: ("axes", new[] { 1 }));
        AssertHalf(opset, "ReduceMin", ["p"], attributes: ("axes", new[] { 1 }));
    }

    [TestMethod]
    public void Normalizations_whose_sums_are_float_by_the_specification()
    {
        AssertHalf(17, "LayerNormalization", ["p", "g", "b"], builder => builder.Constant("g", [1f, 2f], 2).Constant("b", [0f, 1f], 2));
        AssertHalf(21, "GroupNormalization", ["p", "g", "b"], builder => builder.Constant("g", [1f, 2f, 1f, 2f], 4).Constant("b", [0f, 1f, 0f, 1f], 4), ("num_groups", 2));
        AssertHalf(23, "RMSNormalization", ["p", "g"], builder => builder.Constant("g", [1f, 2f], 2));
    }

    [TestMethod]
    public void Layers_of_other_kinds()
    {
        AssertHalf(13, "ConvTranspose", ["p", "k"], builder => builder.Constant("k", RandomTensors.Weight(3, 4, 4, 2, 2)));
        AssertHalf(13, "MatMul", ["p", "p"]);
        AssertHalf(13, "Einsum", ["p", "p"], attributes: ("equation", "bchw,bdhw->bcd"));
    }

    /// <summary>Asserts that an operator behind a convolution with four channels of 2 × 2 computes in float16, and right.</summary>
    private static void AssertHalf(int opset, string operation, string[] inputs, Action<ModelBuilder>? prepare = null, params (string Name, object Value)[] attributes)
        => AssertHalf(opset, operation, inputs, ["o"], prepare, attributes);

    private static void AssertHalf(int opset, string operation, string[] inputs, (string Name, object Value) attributes, string[] outputs) => AssertHalf(opset, operation, inputs, outputs, null, attributes);

    private static void AssertHalf(int opset, string operation, string[] inputs, string[] outputs, Action<ModelBuilder>? prepare, params (string Name, object Value)[] attributes)
    {
        var builder = ModelBuilder.Create(opset, irVersion: opset > 20 ? 10 : 8).Input("x", 1, 4, 2, 2).Constant("w", RandomTensors.Weight(1, 4, 4, 1, 1));
        prepare?.Invoke(builder);
        builder.Node("Conv", ["x", "w"], ["p"], "conv").Node(operation, inputs, outputs, "tested", attributes);
        foreach (var output in outputs)
        {
            builder.Node("Neg", [output], [output + "_y"]).Output(output + "_y");
        }

        using var half = QuantizedModel.Half(builder);

        Assert.AreEqual("float16: ", half.Trace("tested"), $"{operation} in opset {opset}");
        half.AssertSqnr(50);
    }
}
