using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Quantization;

/// <summary>Networks of convolutions, what stands between them, and matrix products at the end, as no exporter would write them.</summary>
internal static class RandomNetwork
{
    private const int Channels = 16;

    public static ModelBuilder Of(int seed)
    {
        var random = new Random(seed);
        var builder = ModelBuilder.Create(opset: random.Next(2) == 0 ? 13 : 11)
            .Input("x", 1, Channels, 8, 8)
            .Constant("w", RandomTensors.Singles(random, Channels * Channels), Channels, Channels, 1, 1)
            .Constant("depthwise", RandomTensors.Singles(random, Channels), Channels, 1, 1, 1)
            .Constant("matrix", RandomTensors.Singles(random, Channels * Channels), Channels, Channels)
            .Constant("row", RandomTensors.Singles(random, Channels), Channels)
            .Constant("least", [0f])
            .Constant("most", [6f])
            .Constant("shape", [1L, Channels], 2);
        List<string> images = ["x"];
        var next = 0;
        for (var node = random.Next(3, 14); node > 0; node--)
        {
            // The newest values most often, so that there are chains.
            string Image() => images[Math.Max(0, images.Count - 1 - random.Next(3))];
            var output = $"v{next++}";
            _ = random.Next(15) switch
            {
                0 or 1 or 2 or 3 => builder.Node("Conv", [Image(), "w"], [output]),
                4 => builder.Node("Conv", [Image(), "depthwise"], [output], ("group", Channels)),
                5 or 6 => builder.Node("Relu", [Image()], [output]),
                7 => builder.Node("Clip", [Image(), "least", "most"], [output]),
                8 => builder.Node("Add", [Image(), Image()], [output]),
                9 => builder.Node("Mul", [Image(), Image()], [output]),
                10 => builder.Node("LeakyRelu", [Image()], [output]),
                11 => builder.Node("Sigmoid", [Image()], [output]),
                12 => builder.Node("MaxPool", [Image()], [output], ("kernel_shape", new long[] { 1, 1 })),
                13 => builder.Node("Transpose", [Image()], [output], ("perm", new long[] { 0, 1, 3, 2 })),
                _ => builder.Node("Exp", [Image()], [output]),
            };
            images.Add(output);
        }

        var last = images[^1];
        builder.Node("GlobalAveragePool", [last], ["pooled"]).Node("Reshape", ["pooled", "shape"], ["flat"]);
        _ = random.Next(3) switch
        {
            0 => builder.Node("Gemm", ["flat", "matrix", "row"], ["sum"]),
            1 => builder.Node("MatMul", ["flat", "matrix"], ["product"]).Node("Add", ["product", "row"], ["sum"]),
            _ => builder.Node("MatMul", ["flat", "matrix"], ["sum"]),
        };
        builder.Node(random.Next(2) == 0 ? "Relu" : "Exp", ["sum"], ["hidden"]).Node("Gemm", ["hidden", "matrix"], ["y"]).Output("y", DataType.Float, 1, Channels);
        if (random.Next(3) == 0)
        {
            builder.Output(images[random.Next(1, images.Count)]);
        }

        return builder;
    }
}
