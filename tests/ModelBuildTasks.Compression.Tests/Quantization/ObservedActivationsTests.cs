using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Quantization;

/// <summary>Calibration leaves out what no plan asks for, and nothing else. Every model of the other quantization tests is checked likewise, in <see cref="QuantizedModel"/>.</summary>
[TestClass]
public sealed class ObservedActivationsTests
{
    [TestMethod]
    public void What_saturation_replaces_and_what_surrounds_float_operators_is_left_out()
    {
        using var folder = new TemporaryFolder();
        using var model = ModelBuilder.Create()
            .Input("x", 1, 16, 8, 8)
            .Constant("w", new float[16 * 16 * 9], 16, 16, 3, 3)
            .Output("y")
            .Node("Conv", ["x", "w"], ["convolved"])
            .Node("Relu", ["convolved"], ["rectified"])
            .Node("MaxPool", ["rectified"], ["pooled"], ("kernel_shape", new long[] { 2, 2 }))
            .Node("Conv", ["pooled", "w"], ["gated"])
            .Node("Sigmoid", ["gated"], ["gate"])
            .Node("Exp", ["gate"], ["grown"])
            .Node("Softmax", ["grown"], ["y"])
            .Load(folder);

        Assert.AreEqual("gated pooled rectified x y", string.Join(' ', ObservedActivations.Of(model.EditGraph()).Order(StringComparer.Ordinal)));
    }

    [TestMethod]
    public void Sums_between_layers_are_observed_and_sums_between_float_operators_are_not()
    {
        using var folder = new TemporaryFolder();
        using var model = ModelBuilder.Create()
            .Input("x", 1, 16, 8, 8)
            .Constant("w", new float[16 * 16], 16, 16, 1, 1)
            .Output("y")
            .Node("Conv", ["x", "w"], ["left"])
            .Node("Conv", ["x", "w"], ["right"])
            .Node("Add", ["left", "right"], ["sum"])
            .Node("Relu", ["sum"], ["rectified"])
            .Node("Conv", ["rectified", "w"], ["last"])
            .Node("Exp", ["last"], ["first_float"])
            .Node("Exp", ["last"], ["second_float"])
            .Node("Add", ["first_float", "second_float"], ["float_sum"])
            .Node("Exp", ["float_sum"], ["y"])
            .Load(folder);

        Assert.AreEqual("last left rectified right x y", string.Join(' ', ObservedActivations.Of(model.EditGraph()).Order(StringComparer.Ordinal)));
    }

    [TestMethod]
    public void A_matrix_product_with_a_bias_behind_it_is_observed_where_it_is_clipped()
    {
        using var folder = new TemporaryFolder();
        using var model = ModelBuilder.Create()
            .Input("x", DataType.Float, "n", 8)
            .Constant("w", new float[64], 8, 8)
            .Constant("b", new float[8], 8)
            .Output("y", DataType.Float, "n", 8)
            .Node("MatMul", ["x", "w"], ["product"])
            .Node("Add", ["product", "b"], ["sum"])
            .Node("Relu", ["sum"], ["rectified"])
            .Node("Flatten", ["rectified"], ["flat"])
            .Node("MatMul", ["flat", "w"], ["y"])
            .Load(folder);

        Assert.AreEqual("flat rectified x y", string.Join(' ', ObservedActivations.Of(model.EditGraph()).Order(StringComparer.Ordinal)));
    }

    [TestMethod]
    public void A_convolution_whose_clip_is_kept_float_computes_in_float_too()
    {
        using var folder = new TemporaryFolder();
        using var model = ModelBuilder.Create()
            .Input("x", 1, 16, 8, 8)
            .Constant("w", new float[16 * 16], 16, 16, 1, 1)
            .Output("y")
            .Node("Conv", ["x", "w"], ["convolved"], "layer")
            .Node("Relu", ["convolved"], ["y"], "clip")
            .Load(folder);
        var ranges = new ActivationRanges(new Dictionary<string, ValueRange> { ["x"] = new(-1, 1), ["y"] = new(0, 1) });

        var layers = new PostTrainingQuantization(FormatAssignment.Int8).Apply(model, new PassContext(DeviceProfiles.WithoutCosts, ranges, ["clip"], CancellationToken.None)).Layers;

        Assert.AreNotEqual("int8", layers[0].Format);
        Assert.Contains("the operator that clips it is kept float", layers[0].Reason!);
    }

    [TestMethod]
    public void The_ranges_of_observed_values_make_the_same_model_as_those_of_all()
    {
        for (var seed = 0; seed < 150; seed++)
        {
            using var folder = new TemporaryFolder();
            var path = RandomNetwork.Of(seed).Save(folder);
            using var model = OnnxModel.Load(path);
            var all = model.Proto.Graph.Node.SelectMany(node => node.Output).Append("x").ToDictionary(name => name, name => new ValueRange(-1 - name.Length, 1 + name[^1]));
            var observed = ObservedActivations.Of(model.EditGraph());
            string[][] options = [[], ["Conv_*3"], ["Add*", "Gemm*"]];
            foreach (var keepFloat in options)
            {
                var (expected, expectedLayers) = Quantized(path, all, keepFloat);
                var (actual, layers) = Quantized(path, all.Where(range => observed.Contains(range.Key)).ToDictionary(), keepFloat);

                Assert.AreEqual(string.Join('\n', expectedLayers), string.Join('\n', layers), $"seed {seed}");
                Assert.AreEqual(expected, actual, $"seed {seed}");
            }
        }
    }

    private static (ModelProto Model, IReadOnlyList<string> Layers) Quantized(string path, Dictionary<string, ValueRange> ranges, string[] keepFloat)
    {
        using var model = OnnxModel.Load(path);
        var layers = new PostTrainingQuantization(FormatAssignment.Int8).Apply(model, new PassContext(DeviceProfiles.WithoutCosts, new ActivationRanges(ranges), keepFloat, CancellationToken.None)).Layers;
        return (model.Proto.Clone(), [.. layers.Select(layer => layer.ToString())]);
    }
}
