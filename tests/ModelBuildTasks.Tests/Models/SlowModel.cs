using Google.Protobuf;
using ModelBuildTasks.Compression.Onnx;
using static ModelBuildTasks.Tests.Models.OnnxParts;

namespace ModelBuildTasks.Tests.Models;

/// <summary>A network whose calibration takes many seconds, so that a build can be interrupted in the middle of it.</summary>
internal static class SlowModel
{
    private const int Channels = 48;
    private const int Layers = 6;
    private const int Side = 32;
    private const int Count = 4000;

    public static byte[] Bytes { get; } = Create().ToByteArray();

    public static byte[] Samples { get; } = NpzFile.Create(("image", NpyFile.Create(Random(new Random(3), Count * Side * Side, 1), Count, 1, Side, Side)));

    /// <summary>As few of the samples as make the next build quick.</summary>
    public static byte[] FewSamples { get; } = NpzFile.Create(("image", NpyFile.Create(Random(new Random(3), 8 * Side * Side, 1), 8, 1, Side, Side)));

    private static ModelProto Create()
    {
        var random = new Random(4);
        var graph = new GraphProto { Name = "slow", Input = { Value("image", "N", 1, Side, Side) }, Output = { Value("result", "N", Channels, Side, Side) } };
        var (value, depth) = ("image", 1);
        for (var layer = 0; layer < Layers; layer++)
        {
            var (weights, result) = ($"weights{layer}", layer == Layers - 1 ? "result" : $"value{layer}");
            graph.Initializer.Add(Weights(weights, Random(random, Channels * depth * 9, 0.1), Channels, depth, 3, 3));
            graph.Node.Add(Node("Conv", [value, weights], result, Integers("pads", 1, 1, 1, 1), Integers("kernel_shape", 3, 3)));
            (value, depth) = (result, Channels);
        }

        return Model(13, graph);
    }
}
