using Google.Protobuf;
using ModelBuildTasks.Compression.Onnx;
using static ModelBuildTasks.Tests.Models.OnnxParts;

namespace ModelBuildTasks.Tests.Models;

/// <summary>
/// A classifier that int8 must ruin: one input is always 1000 and means nothing, so that the step of the quantized input is larger than all that tells the classes apart.
/// </summary>
internal static class FragileModel
{
    private const int Classes = 128;
    private const int Count = 1024;

    public static byte[] Bytes { get; } = Create().ToByteArray();

    public static byte[] Samples { get; } = NpzFile.Create(("x", NpyFile.Create(Rows(), Count, Classes + 1)), ("labels", NpyFile.Create(Labels(), Count)));

    private static ModelProto Create()
    {
        // The identity, with a last row of zeros for the input that means nothing.
        var weights = new float[(Classes + 1) * Classes];
        for (var @class = 0; @class < Classes; @class++)
        {
            weights[(@class * Classes) + @class] = 1;
        }

        return Model(13, new GraphProto
        {
            Name = "fragile",
            Node = { Node("MatMul", ["x", "weights"], "scores") },
            Input = { Value("x", "N", Classes + 1) },
            Output = { Value("scores", "N", Classes) },
            Initializer = { Weights("weights", weights, Classes + 1, Classes) },
        });
    }

    private static float[] Rows() =>
        [.. Enumerable.Range(0, Count).SelectMany(row => Enumerable.Range(0, Classes + 1).Select(column => column == Classes ? 1000f : column == row % Classes ? 1f : 0f))];

    private static long[] Labels() => [.. Enumerable.Range(0, Count).Select(row => (long)(row % Classes))];
}
