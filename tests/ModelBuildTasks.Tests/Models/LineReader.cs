using System.Text;
using Google.Protobuf;
using ModelBuildTasks.Compression.Onnx;
using static ModelBuildTasks.Tests.Models.OnnxParts;

namespace ModelBuildTasks.Tests.Models;

/// <summary>A text recognizer of one layer: each step of time shows the pattern of a letter, of the blank or of the space, with noise that int8 does not mind.</summary>
internal static class LineReader
{
    private const string Letters = "abcdefghijklmnopqrstuvwxyz";
    private const int Classes = 28;
    private const int Features = 128;
    private const int Steps = 12;
    private const int Lines = 300;

    /// <summary>The model file: image [N, 12, 128] → MatMul → scores [N, 12, 28].</summary>
    public static byte[] Bytes { get; } = Create().ToByteArray();

    /// <summary>The keys, without the blank and the space.</summary>
    public static string Keys { get; } = string.Join('\n', Letters.ToCharArray()) + "\n";

    /// <summary>Lines and their texts.</summary>
    public static byte[] Samples(int seed)
    {
        var random = new Random(seed);
        var texts = Enumerable.Range(0, Lines).Select(_ => $"{Word(random)} {Word(random)}").ToArray();
        var images = texts.SelectMany(Path).SelectMany(@class => Enumerable.Range(0, Features).Select(feature => Pattern(@class, feature) + (float)((random.NextDouble() - 0.5) * 0.4)));
        return NpzFile.Create(("image", NpyFile.Create(images.ToArray(), Lines, Steps, Features)), ("labels", NpyFile.CreateTexts(texts)));
    }

    private static ModelProto Create() => Model(13, new GraphProto
    {
        Name = "reader",
        Node = { Node("MatMul", ["image", "weights"], "scores") },
        Input = { Value("image", "N", Steps, Features) },
        Output = { Value("scores", "N", Steps, Classes) },
        Initializer = { Weights("weights", [.. Enumerable.Range(0, Features * Classes).Select(index => Pattern(index % Classes, index / Classes) - 0.5f)], Features, Classes) },
    });

    // Two or three letters, so that twelve steps hold two words with a blank between equal letters.
    private static string Word(Random random) => new([.. Enumerable.Range(0, random.Next(2, 4)).Select(_ => Letters[random.Next(Letters.Length)])]);

    private static int[] Path(string text)
    {
        var path = new StringBuilder();
        foreach (var letter in text)
        {
            path.Append(path.Length > 0 && path[^1] == letter ? "-" : "").Append(letter);
        }

        return [.. path.ToString().PadRight(Steps, '-').Select(step => step switch { '-' => 0, ' ' => Classes - 1, _ => 1 + Letters.IndexOf(step) })];
    }

    /// <summary>Half of the features of each class are set; any two classes differ in many.</summary>
    private static float Pattern(int @class, int feature) => ((uint)(((@class + 1) * 2654435761) ^ (feature * 40503)) * 2246822519 >> 13 & 1) == 1 ? 1 : 0;
}
