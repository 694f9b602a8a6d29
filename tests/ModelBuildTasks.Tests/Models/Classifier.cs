using Google.Protobuf;
using ModelBuildTasks.Compression.Onnx;
using static ModelBuildTasks.Tests.Models.OnnxParts;

namespace ModelBuildTasks.Tests.Models;

/// <summary>
/// A network of 45 KB that tells ten patterns of 8 × 8 pixels apart with wide margins, so that int8 loses nothing, and samples of these patterns. Compresses in well under a second.
/// </summary>
internal static class Classifier
{
    public const int Classes = 10;
    public const int Pixels = 64;
    private const int Channels = 16;
    private const int Seed = 20;

    /// <summary>The model file.</summary>
    public static byte[] Bytes { get; } = Create().ToByteArray();

    /// <summary>The same architecture with other weights.</summary>
    public static byte[] OtherBytes { get; } = Create(scale: 0.9f).ToByteArray();

    /// <summary>Labelled samples, enough to resolve the default accuracy gate.</summary>
    public static byte[] Samples { get; } = NpzFile.Create(("image", NpyFile.Create(Images(1000), 1000, 1, 8, 8)), ("labels", NpyFile.Create(Labels(1000), 1000)));

    /// <summary>Other samples of the same patterns.</summary>
    public static byte[] OtherSamples { get; } = NpzFile.Create(("image", NpyFile.Create(Images(1000, seed: 21), 1000, 1, 8, 8)), ("labels", NpyFile.Create(Labels(1000), 1000)));

    /// <summary>image [N, 1, 8, 8] → Conv 3 × 3 → Relu → Flatten → Gemm → scores [N, 10].</summary>
    public static ModelProto Create(float scale = 1, int opset = 13)
    {
        var random = new Random(Seed);
        var kernels = Random(random, Channels * 9, 0.05);
        kernels[4] = scale;
        var weights = Random(random, Classes * Channels * Pixels, 0.01);
        for (var @class = 0; @class < Classes; @class++)
        {
            for (var pixel = 0; pixel < Pixels; pixel++)
            {
                weights[(@class * Channels * Pixels) + pixel] = Pattern(@class, pixel) - 0.5f;
            }
        }

        return Model(opset, new GraphProto
        {
            Name = "classifier",
            Node =
            {
                Node("Conv", ["image", "kernels", "offsets"], "features", Integers("pads", 1, 1, 1, 1), Integers("kernel_shape", 3, 3)),
                Node("Relu", ["features"], "active"),
                Node("Flatten", ["active"], "flat"),
                Node("Gemm", ["flat", "weights", "bias"], "scores", new AttributeProto { Name = "transB", Type = AttributeProto.Types.AttributeType.Int, I = 1 }),
            },
            Input = { Value("image", "N", 1, 8, 8) },
            Output = { Value("scores", "N", Classes) },
            Initializer =
            {
                Weights("kernels", kernels, Channels, 1, 3, 3),
                Weights("offsets", new float[Channels], Channels),
                Weights("weights", weights, Classes, Channels * Pixels),
                Weights("bias", new float[Classes], Classes),
            },
        });
    }

    public static float[] Images(int count, int seed = Seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count * Pixels).Select(index =>
            Math.Clamp(Pattern(index / Pixels % Classes, index % Pixels) + (float)((random.NextDouble() - 0.5) * 0.4), 0, 1))];
    }

    public static long[] Labels(int count) => [.. Enumerable.Range(0, count).Select(index => (long)(index % Classes))];

    /// <summary>Half of the pixels of each pattern are set; any two patterns differ in many.</summary>
    private static float Pattern(int @class, int pixel) => ((uint)(((@class + 1) * 2654435761) ^ (pixel * 40503)) * 2246822519 >> 13 & 1) == 1 ? 1 : 0;
}
