using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Quantization;

/// <summary>What the pair bound costs against weights over the whole range of bytes, and what it gains over the common cure, weights of seven bits.</summary>
[TestClass]
public sealed class PairBoundAccuracyTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow(nameof(SampleNetwork.MobileNet), 0.4)]
    [DataRow(nameof(SampleNetwork.ResNet), 0.6)]
    public void The_pair_bound_wins_back_most_of_what_seven_bits_lose(string name, double leastShare)
    {
        var (fullRange, pairBound, sevenBits) = (0.0, 0.0, 0.0);
        for (var seed = 1; seed <= 3; seed++)
        {
            var network = name == nameof(SampleNetwork.MobileNet) ? SampleNetwork.MobileNet(seed) : SampleNetwork.ResNet(seed);
            using var full = QuantizedModel.StaticFor(DeviceProfiles.FullRange, network);
            using var bound = QuantizedModel.StaticFor(DeviceProfiles.WithoutCosts, network);
            Assert.IsTrue(full.Layers.All(layer => layer.Format == "int8"));
            var (fullDb, boundDb, sevenDb) = (full.SqnrDb(), bound.SqnrDb(), full.SqnrDb(SevenBits(full.Proto, network.Builder.Build())));
            TestContext.WriteLine($"{name} {seed}: full range {fullDb:F2} dB, pair bound {boundDb:F2} dB, seven bits {sevenDb:F2} dB");
            (fullRange, pairBound, sevenBits) = (fullRange + fullDb, pairBound + boundDb, sevenBits + sevenDb);
        }

        var share = (pairBound - sevenBits) / (fullRange - sevenBits);
        TestContext.WriteLine($"{name}: {share:P0} of {(fullRange - sevenBits) / 3:F2} dB");
        Assert.IsGreaterThan(0, fullRange - sevenBits);
        Assert.IsGreaterThanOrEqualTo(leastShare, share);
    }

    /// <summary>The same model with weights of −63 to 63, and biases in their unit.</summary>
    private static ModelProto SevenBits(ModelProto quantized, ModelProto original)
    {
        const int Most = 63;
        var model = quantized.Clone();
        var floats = original.Graph.Initializer.ToDictionary(tensor => tensor.Name);
        var constants = model.Graph.Initializer.ToDictionary(tensor => tensor.Name);
        foreach (var node in model.Graph.Node.Where(node => node.OpType == "DequantizeLinear" && constants.ContainsKey(node.Input[0])))
        {
            var stored = constants[node.Input[0]];
            var oldScales = constants[node.Input[1]].Singles();
            var values = floats[stored.Name[..^"_q".Length]].Singles();
            var scales = new float[oldScales.Length];
            var integers = new int[values.Length];
            for (var channel = 0; channel < scales.Length; channel++)
            {
                scales[channel] = oldScales[channel] * WeightQuantizer.Maximum / Most;
            }

            for (var i = 0; i < integers.Length; i++)
            {
                integers[i] = (int)MathF.Round(values[i] / scales[i / (values.Length / scales.Length)]);
            }

            var name = stored.Name + "7";
            model.Graph.Initializer.Add(stored.ElementType() == DataType.Int8
                ? TensorValues.Create(name, Array.ConvertAll(integers, value => (sbyte)Math.Clamp(value, -Most, Most)), [.. stored.Dims])
                : TensorValues.Create(name, integers, [.. stored.Dims]));
            model.Graph.Initializer.Add(TensorValues.Create(name + "s", scales, scales.Length));
            (node.Input[0], node.Input[1]) = (name, name + "s");
        }

        return model;
    }
}
